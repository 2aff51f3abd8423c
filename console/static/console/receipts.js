/**
 * What this device tells the server about what it has. Receipts are cumulative ("everything up to here"), so many
 * become one: they are collected for a moment and sent together.
 */
export class Receipts {
  /** @type {Record<"received"|"seen", Record<string, number>>} */
  #waiting = { received: {}, seen: {} };
  /** @type {Record<"received"|"seen", Record<string, number>>} */
  #said = { received: {}, seen: {} };
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {{send: (frame: object) => boolean, delayMs?: number}} options `send` answers whether it went out */
  constructor({ send, delayMs = 50 }) {
    this.send = send;
    this.delayMs = delayMs;
  }

  /** @param {"received"|"seen"} kind @param {string} topic @param {number} offset */
  note(kind, topic, offset) {
    const highest = Math.max(this.#said[kind][topic] ?? -1, this.#waiting[kind][topic] ?? -1);
    if (offset <= highest) return;
    this.#waiting[kind][topic] = offset;
    this.#timer ??= setTimeout(() => this.flush(), this.delayMs);
  }

  /** A receipt may have died with the last connection: say all of it once more on the new one. */
  repeat() {
    for (const kind of /** @type {const} */ (["received", "seen"])) {
      this.#waiting[kind] = { ...this.#said[kind], ...this.#waiting[kind] };
      this.#said[kind] = {};
    }
    this.flush();
  }

  /** Positions of another epoch count other things. */
  forget(/** @type {string[]} */ topics) {
    for (const topic of topics) {
      for (const kind of /** @type {const} */ (["received", "seen"])) {
        delete this.#said[kind][topic];
        delete this.#waiting[kind][topic];
      }
    }
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const kind of /** @type {const} */ (["received", "seen"])) {
      const topics = this.#waiting[kind];
      if (Object.keys(topics).length && this.send({ type: kind, topics })) {
        Object.assign(this.#said[kind], topics);
        this.#waiting[kind] = {};
      }
    }
  }
}

/**
 * "Seen" is cumulative while eyes are not: a lower alert may be scrolled out of view while a later one is on screen.
 * This holds the claim back to the highest offset below which everything has really been looked at.
 */
export class SeenTracker {
  /** @type {Map<string, {offset: number, subject: string}[]>} */
  #unseen = new Map();
  /** @type {Map<string, number>} */
  #highest = new Map();

  /** @param {(topic: string, offset: number) => void} report */
  constructor(report) {
    this.report = report;
  }

  /**
   * @param {string} topic
   * @param {number} offset
   * @param {string|null} subject what must be looked at; null when the event shows nothing of its own
   */
  arrived(topic, offset, subject) {
    this.#highest.set(topic, Math.max(offset, this.#highest.get(topic) ?? offset));
    const waiting = this.#unseen.get(topic) ?? [];
    if (subject !== null) waiting.push({ offset, subject });
    this.#unseen.set(topic, waiting);
    if (subject === null) this.#tell(topic);
  }

  /** @param {(subject: string) => boolean} isVisible asked for each subject still unseen */
  look(isVisible) {
    for (const [topic, waiting] of this.#unseen) {
      if (!waiting.length) continue;
      const left = waiting.filter(({ subject }) => !isVisible(subject));
      if (left.length === waiting.length) continue;
      this.#unseen.set(topic, left);
      this.#tell(topic);
    }
  }

  /** @param {string} topic */
  #tell(topic) {
    const waiting = this.#unseen.get(topic) ?? [];
    const highest = this.#highest.get(topic) ?? 0;
    this.report(topic, waiting.length ? Math.min(...waiting.map(({ offset }) => offset)) - 1 : highest);
  }
}
