import { $, show } from "./dom.js";
import { say } from "./page.js";
import { SeenTracker } from "./receipts.js";
import { Thread } from "./thread.js";

/** What somebody who hides can say with one thumb. */
const QUICK = ["I am hiding", "I cannot talk", "They are here", "They have gone"];

/**
 * What is said on the alert that the resident's page is about. Of a silent one nothing is ever shown.
 *
 * @typedef {Omit<import("./thread.js").Options, "alertId"|"quick"> & {load: (alertId: string) => void}} Around
 */
export class SentThread {
  /** @type {Thread|null} */
  #thread = null;

  /** @param {Around} around */
  constructor(around) {
    const { me, feed, messages } = around;
    this.around = around;
    this.seen = new SeenTracker((topic, offset) => feed.seen(topic, offset));
    const redraw = (/** @type {string} */ alertId) => {
      if (this.#thread?.alertId === alertId) this.#thread.draw();
      this.#look();
    };
    messages.on("change", redraw);
    feed.typing.on("change", (_, alertId) => redraw(alertId));
    feed.outbox.on("change", () => this.#thread?.draw());
    feed.on("event", (frame, { isReplay }) => {
      const message = frame.event === "emergency.message.posted" ? frame.data.message : null;
      this.seen.arrived(frame.topic, frame.offset, message?.alert_id ?? null);
      if (message && !isReplay && message.alert_id === this.#thread?.alertId && message.author.member_id !== me) {
        say(`${message.author.name}: ${message.text}`);
      }
      this.#look();
    });
    addEventListener("scroll", () => this.#look(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** @param {import("./alerts.js").Alert|null} alert the one to talk about, if any */
  show(alert) {
    const wanted = alert && alert.state !== "countdown" && !alert.is_silent ? alert.id : null;
    if (wanted === (this.#thread?.alertId ?? null)) return;
    const place = $("#sent-thread");
    this.#thread = wanted ? new Thread({ alertId: wanted, quick: QUICK, isOpen: true, ...this.around }) : null;
    place.replaceChildren(...(this.#thread ? [this.#thread.element] : []));
    show(place, this.#thread !== null);
    if (wanted) this.around.load(wanted);
    this.#look();
  }

  #look() {
    if (document.visibilityState !== "visible") return;
    this.seen.look((alertId) => alertId === this.#thread?.alertId && this.#thread.isInView);
  }
}
