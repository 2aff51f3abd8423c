import { $, h, show } from "./dom.js";
import { say } from "./page.js";
import { story } from "./words.js";

/**
 * What happened while the board slept, in the order in which it happened, until somebody has read it.
 * @typedef {{minutes: (at: string|number) => string, seconds: (at: string|number) => string}} Clock
 */
export class Missed {
  /** @type {{at: string, text: string}[]} */
  #lines = [];
  #from = 0;

  /** @param {Clock} clock */
  constructor(clock) {
    this.clock = clock;
    this.place = $("#missed");
    this.list = $("#missed-list");
    $("#missed-read").addEventListener("click", () => this.#clear());
  }

  /** @param {any} frame a replayed event @param {number|null} since when the board last heard the server */
  add(frame, since) {
    const text = story(frame.event, frame.data);
    if (!text) return;
    if (!this.#lines.length) this.#from = since ?? Date.parse(frame.at);
    this.#lines.push({ at: frame.at, text });
  }

  /** The log was too short or is another one: what can be said is said from the snapshot. @param {string} text */
  note(text) {
    if (!this.#lines.length) this.#from = Date.now();
    this.#lines.push({ at: new Date().toISOString(), text });
  }

  draw() {
    if (!this.#lines.length) return;
    // Each topic is replayed in its own order; people read one order.
    this.#lines.sort((a, b) => a.at.localeCompare(b.at));
    $("#missed-title").textContent = `While this board was away, ${this.clock.minutes(this.#from)}–${this.clock.minutes(Date.now())}`;
    this.list.replaceChildren(
      ...this.#lines.map(({ at, text }) => h("li", {}, h("time", { datetime: at }, this.clock.seconds(at)), " ", text)),
    );
    show(this.place, true);
    say(`${$("#missed-title").textContent}: ${this.#lines.length} things happened.`);
  }

  #clear() {
    this.#lines = [];
    show(this.place, false);
  }
}
