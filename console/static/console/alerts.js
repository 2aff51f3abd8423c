import { Emitter } from "./emitter.js";
import { CATEGORIES } from "./words.js";

/**
 * @typedef {{member_id: string, name: string, phone?: string|null}} Person
 * @typedef {{member_id: string, name: string, state: "acknowledged"|"responding"|"on_scene", eta_s: number|null,
 *   since_at: string}} Responder
 * @typedef {{id: string, number: number, version: number, category: string, categories: string[], state: string,
 *   unit: {id: string, name: string, block: string, latitude: number|null, longitude: number|null}|null,
 *   raised_by: Person, on_behalf_of: Person|null, note: string,
 *   position: {lat: number, lon: number, accuracy_m: number|null, at: string}|null, is_silent: boolean,
 *   is_drill: boolean, raised_at: string, countdown_ends_at: string|null, acknowledged_at: string|null,
 *   acknowledged_by: Person|null, cancel_requested_at: string|null, resolved_at: string|null, closed_at: string|null,
 *   outcome: string|null, report: string|null, responders: Responder[],
 *   proof: {tablets_intended: number, tablets_received: number, sms_intended: number, sms_sent: number,
 *     sms_delivered: number, sms_failed: number, calls_intended: number, calls_answered: number, calls_failed: number,
 *     pushes_intended: number, pushes_received: number},
 *   next_step: {channel: string, audience: string[], due_at: string}|null}} Alert
 */

const OPEN = new Set(["active", "acknowledged", "responding", "on_scene"]);

/** @param {Alert} alert somebody may be in danger, and others have been told */
export function isOpen(alert) {
  return OPEN.has(alert.state);
}

/** @param {Alert} alert open, and nobody has it */
export function isUnanswered(alert) {
  return alert.state === "active";
}

/** The newest snapshot of each alert. Events: `change` (after, before|undefined). */
export class Alerts extends Emitter {
  /** @type {Map<string, Alert>} */
  #all = new Map();

  /** @param {Alert} alert @returns {boolean} whether it was news */
  put(alert) {
    const before = this.#all.get(alert.id);
    // Replies, events and snapshots overtake one another: the version alone says which one is newer.
    if (before && before.version >= alert.version) return false;
    this.#all.set(alert.id, alert);
    this.emit("change", alert, before);
    return true;
  }

  /** @param {string} id */
  get(id) {
    return this.#all.get(id);
  }

  /** @returns {Alert[]} the real before drills, unanswered ones first, then by severity, then the oldest */
  get open() {
    return [...this.#all.values()].filter(isOpen).sort(
      (a, b) =>
        Number(a.is_drill) - Number(b.is_drill) ||
        Number(isUnanswered(b)) - Number(isUnanswered(a)) ||
        (CATEGORIES[a.category]?.severity ?? 9) - (CATEGORIES[b.category]?.severity ?? 9) ||
        a.raised_at.localeCompare(b.raised_at),
    );
  }

  /** @returns {Alert[]} the newest first */
  get over() {
    return [...this.#all.values()]
      .filter((alert) => alert.state === "resolved" || alert.state === "closed")
      .sort((a, b) => b.raised_at.localeCompare(a.raised_at));
  }
}

/**
 * Keeps the store in step with the feed.
 *
 * @param {import("./clustr.js").Feed} feed
 * @param {Alerts} alerts
 */
export function follow(feed, alerts) {
  /** @type {Set<string>} open here, and not in the welcome: over, unless an event still says so */
  let doubtful = new Set();
  const ask = async () => {
    for (const id of doubtful) {
      const alert = alerts.get(id);
      if (alert && isOpen(alert)) alerts.put(await feed.rest.call("GET", `alerts/${id}/`));
    }
    doubtful = new Set();
  };
  feed.on("event", (frame) => frame.data?.alert && alerts.put(frame.data.alert));
  feed.on("welcome", (frame) => {
    for (const alert of frame.open_alerts) alerts.put(alert);
    const named = new Set(frame.open_alerts.map((/** @type {Alert} */ alert) => alert.id));
    doubtful = new Set(alerts.open.map(({ id }) => id).filter((id) => !named.has(id)));
  });
  feed.on("caught-up", () => ask().catch(() => undefined));
}
