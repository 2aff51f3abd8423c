import { newId, openFeed } from "./clustr.js";
import { bySubject } from "./outbox.js";

/**
 * Where the socket commands' REST twins stand: the same data, the same service behind both.
 *
 * @param {string} name
 * @param {any} data
 * @returns {{path: string, body: object}|null}
 */
export function resource(name, data) {
  if (name === "emergency.message.post") {
    const { id, ...message } = data;
    return { path: `alerts/${id}/messages/`, body: message };
  }
  const verb = name.replace("emergency.alert.", "");
  if (verb === name) return null;
  if (verb === "raise") return { path: "alerts/", body: data };
  const { id, ...body } = data;
  const path = verb === "request_cancel" ? "cancel-request" : verb.replace("_", "-");
  return { path: `alerts/${id}/${path}/`, body };
}

/**
 * A raise that could not go out at once carries what is left of its countdown, and none when that has run out.
 * @param {import("./outbox.js").Entry} entry
 */
export function refresh({ name, data, at }) {
  if (name !== "emergency.alert.raise" || !data.countdown_s) return data;
  const { countdown_s, ...rest } = data;
  const left = Math.round(countdown_s - (Date.now() - at) / 1000);
  return left >= 1 ? { ...rest, countdown_s: left } : rest;
}

/** What is said on an alert keeps its order, and never stands in front of "I have it". @param {import("./outbox.js").Entry} entry */
function laneOf(entry) {
  return entry.name === "emergency.message.post" ? `said on ${entry.data.id}` : bySubject(entry);
}

/** @param {{estate: {id: string}, me: {member_id: string}}} page */
export function openEmergencyFeed(page) {
  const feed = openFeed({ estateId: page.estate.id, memberId: page.me.member_id, resource, refresh, laneOf });
  feed.outbox.on("stale", (/** @type {import("./outbox.js").Entry[]} */ entries) => {
    // "I have it", an hour later, is no longer true. What becomes of an old SOS its own page asks.
    for (const entry of entries) if (entry.name !== "emergency.alert.raise") feed.outbox.decide(entry, false);
  });
  return feed;
}

/** What a person can do about an alert; each answers with the alert as it then stands. */
export class Actions {
  /** @param {import("./clustr.js").Feed} feed */
  constructor(feed) {
    this.feed = feed;
  }

  /** @param {{category: string, countdown_s?: number, silent?: boolean, position?: object|null}} what @param {string} [id] */
  raise({ position, ...what }, id = newId()) {
    return this.#send("raise", { id, ...what, ...(position ? { position } : {}) }, id);
  }

  /** @param {string} id */
  acknowledge(id) {
    return this.#send("acknowledge", { id });
  }

  /** @param {string} id @param {number|null} etaS */
  respond(id, etaS) {
    return this.#send("respond", etaS ? { id, eta_s: etaS } : { id });
  }

  /** @param {string} id */
  onScene(id) {
    return this.#send("on_scene", { id });
  }

  /** @param {string} id @param {string} outcome @param {string} report */
  resolve(id, outcome, report) {
    return this.#send("resolve", { id, outcome, report });
  }

  /** @param {string} id */
  close(id) {
    return this.#send("close", { id });
  }

  /** @param {string} id */
  cancel(id) {
    return this.#send("cancel", { id });
  }

  /** @param {string} id */
  requestCancel(id) {
    return this.#send("request_cancel", { id });
  }

  /**
   * Sent under its own id, so that however often it is tried it is said once.
   * @param {string} id of the alert @param {string} text @param {string} messageId
   * @returns {Promise<import("./messages.js").Message>}
   */
  say(id, text, messageId = newId()) {
    return this.feed.command("emergency.message.post", { id, message_id: messageId, text }, messageId);
  }

  /** @param {string} verb @param {any} data @param {string} [key] @returns {Promise<import("./alerts.js").Alert>} */
  #send(verb, data, key) {
    return this.feed.command(`emergency.alert.${verb}`, data, key);
  }
}
