import { Emitter } from "./emitter.js";

/**
 * The board's voice. Two tones in a loop until somebody has acknowledged; one soft falling pair when a colleague has.
 *
 * A browser gives sound only after a touch: `arm` must be called from one. `state` says what the ears will get:
 * "off" (never armed), "suspended" (armed, but the browser took it away), "ready", "alarm". Events: `change`.
 */
export class Alarm extends Emitter {
  /** @type {AudioContext|null} */
  #context = null;
  /** @type {AudioBufferSourceNode|null} */
  #siren = null;
  #isWanted = false;

  /** @returns {"off"|"suspended"|"ready"|"alarm"} */
  get state() {
    if (!this.#context) return "off";
    if (this.#context.state !== "running") return "suspended";
    return this.#siren ? "alarm" : "ready";
  }

  /** From a click or a key press. */
  async arm() {
    if (!this.#context) {
      this.#context = new AudioContext({ latencyHint: "interactive" });
      this.#context.onstatechange = () => this.#follow();
    }
    await this.#context.resume().catch(() => undefined);
    this.#follow();
  }

  /** @param {boolean} isWanted */
  sound(isWanted) {
    if (this.#isWanted === isWanted) return;
    this.#isWanted = isWanted;
    this.#follow();
  }

  /** Somebody else has it: heard once, unlike the alarm in rhythm and pitch. */
  chime() {
    if (this.#context?.state === "running") this.#play(tones(this.#context, CHIME), false);
  }

  #follow() {
    const isRunning = this.#context?.state === "running";
    if (this.#isWanted && isRunning && this.#context && !this.#siren) {
      // A looping buffer goes on by itself while a hidden tab's timers are held back.
      this.#siren = this.#play(tones(this.#context, SIREN), true);
    } else if (!this.#isWanted && this.#siren) {
      this.#siren.stop();
      this.#siren = null;
    }
    if (this.#isWanted) vibrate([500, 200, 500, 200, 500]);
    this.emit("change", this.state);
  }

  /** @param {AudioBuffer} buffer @param {boolean} loop */
  #play(buffer, loop) {
    const context = /** @type {AudioContext} */ (this.#context);
    const source = new AudioBufferSourceNode(context, { buffer, loop });
    source.connect(context.destination);
    source.start();
    return source;
  }
}

/** A browser refuses, and complains, before anybody has touched the page. @param {number[]} pattern */
export function vibrate(pattern) {
  if (/** @type {any} */ (navigator).userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}

/** Hertz, seconds, loudness. High enough to carry over traffic, low enough for a cheap tablet's speaker. */
const SIREN = { loudness: 0.9, tones: [[980, 0.22], [740, 0.22], [980, 0.22], [740, 0.22], [980, 0.22], [740, 0.22], [0, 0.28]] };
const CHIME = { loudness: 0.35, tones: [[660, 0.16], [0, 0.05], [440, 0.3]] };

/**
 * @param {AudioContext} context
 * @param {{loudness: number, tones: number[][]}} score
 */
function tones(context, { loudness, tones: score }) {
  const rate = context.sampleRate;
  const length = score.reduce((sum, [, seconds]) => sum + Math.round(seconds * rate), 0);
  const buffer = context.createBuffer(1, length, rate);
  const samples = buffer.getChannelData(0);
  let at = 0;
  for (const [hertz, seconds] of score) {
    const count = Math.round(seconds * rate);
    for (let index = 0; index < count; index += 1) {
      const edge = Math.min(1, index / (0.008 * rate), (count - index) / (0.008 * rate));
      const turn = 2 * Math.PI * hertz * (index / rate);
      // Odd harmonics cut through engine noise where a pure tone drowns.
      samples[at + index] = loudness * edge * (0.7 * Math.sin(turn) + 0.2 * Math.sin(3 * turn) + 0.1 * Math.sin(5 * turn));
    }
    at += count;
  }
  return buffer;
}
