/** Keeps the screen on during a shift. Where the browser cannot, the tablet's own display setting has to. */
export class Awake {
  /** @type {any} */
  #lock = null;
  #isWanted = false;

  constructor() {
    // The browser lets go whenever the page is hidden, and does not take hold again by itself.
    document.addEventListener("visibilitychange", () => this.#take());
  }

  /** @param {boolean} isWanted */
  keep(isWanted) {
    this.#isWanted = isWanted;
    if (isWanted) this.#take();
    else this.#lock?.release().catch(() => undefined);
  }

  async #take() {
    if (!this.#isWanted || document.visibilityState !== "visible") return;
    try {
      this.#lock = await /** @type {any} */ (navigator).wakeLock?.request("screen");
    } catch {
      // Low battery, or not allowed: the shift goes on.
    }
  }
}
