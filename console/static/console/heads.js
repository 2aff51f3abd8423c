/** Frames on their way have arrived after this long: a position that still lags behind the server's is a loss. */
const SETTLED_MS = 1500;

/** Compares what the server says it has sent with what has arrived. */
export class HeadsCheck {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {import("./positions.js").Positions} positions @param {() => void} onLoss */
  constructor(positions, onLoss) {
    this.positions = positions;
    this.onLoss = onLoss;
  }

  /** @param {Record<string, number>} heads as a heartbeat carries them */
  compare(heads) {
    const behind = this.positions.behind(heads);
    if (!behind.length) this.stop();
    // A suspicion is judged at its own time: heartbeats that come faster must not put it off for ever.
    if (!behind.length || this.#timer !== undefined) return;
    const stoodAt = this.positions.offsets();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // A position that moves is a replay in progress; one that stands still has lost something in between.
      if (behind.some((topic) => this.positions.offset(topic) === stoodAt[topic])) this.onLoss();
    }, SETTLED_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
