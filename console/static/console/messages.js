import { Emitter } from "./emitter.js";

/**
 * @typedef {{member_id: string, name: string}} Person
 * @typedef {{id: string, alert_id: string, author: Person, text: string, at: string,
 *   read_by: (Person & {at: string})[]}} Message
 */

/** Pages of an alert's messages that are read at once; each has a hundred. */
const MOST_PAGES = 10;

/** What is said on alerts, in the order in which it was said. Events: `change` (alertId). */
export class Messages extends Emitter {
  /** @type {Map<string, Map<string, Message>>} by alert, then message */
  #all = new Map();
  /** @type {Map<string, Message["read_by"]>} marks that came before their message, by message */
  #early = new Map();

  /** @param {Message} message */
  put(message) {
    const known = this.#all.get(message.alert_id) ?? new Map();
    const before = known.get(message.id);
    // Replies, events and snapshots overtake one another, and nobody ever un-reads: what each of them knows is joined.
    const marks = [...(before?.read_by ?? []), ...message.read_by, ...(this.#early.get(message.id) ?? [])];
    this.#early.delete(message.id);
    this.#all.set(message.alert_id, known.set(message.id, { ...message, read_by: distinct(marks) }));
    this.emit("change", message.alert_id);
  }

  /** @param {string} alertId @param {{message_id: string, by: Person, at: string}[]} reads */
  read(alertId, reads) {
    for (const { message_id, by, at } of reads) {
      const message = this.#all.get(alertId)?.get(message_id);
      const marks = [...(message?.read_by ?? this.#early.get(message_id) ?? []), { ...by, at }];
      if (message) message.read_by = distinct(marks);
      else this.#early.set(message_id, marks);
    }
    this.emit("change", alertId);
  }

  /** @param {string} alertId @returns {Message[]} the oldest first */
  of(alertId) {
    return [...(this.#all.get(alertId)?.values() ?? [])].sort((a, b) => a.at.localeCompare(b.at) || a.id.localeCompare(b.id));
  }
}

/**
 * Keeps the store in step with the feed; call the result for each alert whose messages are to be shown.
 *
 * @param {import("./clustr.js").Feed} feed
 * @param {Messages} messages
 * @returns {(alertId: string) => void} reads what was said before, once
 */
export function followMessages(feed, messages) {
  /** @type {Set<string>} */
  const wanted = new Set();
  const load = async (/** @type {string} */ alertId) => {
    let path = `alerts/${alertId}/messages/?page_size=100`;
    for (let page = 0; path && page < MOST_PAGES; page += 1) {
      const { results, next } = await feed.rest.call("GET", path);
      for (const message of results) messages.put(message);
      path = next ? `alerts/${alertId}/messages/${new URL(next).search}` : "";
    }
  };
  // Again with the next connection, where this one breaks before it is read.
  const tryToLoad = (/** @type {string} */ alertId) => load(alertId).catch(() => wanted.delete(alertId));
  feed.on("event", (frame) => {
    if (frame.event === "emergency.message.posted") {
      feed.typing.stopped("alert", frame.data.message.alert_id, frame.data.message.author.member_id);
      messages.put(frame.data.message);
    } else if (frame.event === "emergency.message.read") {
      messages.read(frame.data.alert_id, frame.data.reads);
    }
  });
  feed.on("snapshot", () => wanted.forEach(tryToLoad));
  return (alertId) => {
    if (wanted.has(alertId)) return;
    wanted.add(alertId);
    tryToLoad(alertId);
  };
}

/** @param {Message["read_by"]} marks */
function distinct(marks) {
  return [...new Map(marks.map((mark) => [mark.member_id, mark])).values()];
}
