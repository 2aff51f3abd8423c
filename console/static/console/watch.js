/** A one-second timer that comes this late means that the machine slept. */
const SLEPT_MS = 4000;

/**
 * Watches for everything that makes a page's idea of the world stale: sleep, a tab brought back, a network that comes
 * or goes. `onWake` means "find out now"; `onTick` comes every second.
 */
export class Watch {
  #lastTick = Date.now();
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #ticker;
  #stop = new AbortController();

  /**
   * @param {{onWake: () => void, onTick: () => void, onNetwork: (isOnline: boolean) => void, onHide: () => void}} calls
   */
  constructor(calls) {
    this.calls = calls;
  }

  start() {
    const { onWake, onNetwork, onHide } = this.calls;
    const signal = this.#stop.signal;
    this.#lastTick = Date.now();
    this.#ticker = setInterval(() => this.#tick(), 1000);
    window.addEventListener("online", () => onNetwork(true), { signal });
    window.addEventListener("offline", () => onNetwork(false), { signal });
    window.addEventListener("pageshow", onWake, { signal });
    window.addEventListener("pagehide", onHide, { signal });
    const onVisibility = () => (document.visibilityState === "visible" ? onWake() : onHide());
    document.addEventListener("visibilitychange", onVisibility, { signal });
  }

  stop() {
    clearInterval(this.#ticker);
    this.#stop.abort();
  }

  #tick() {
    const late = Date.now() - this.#lastTick - 1000;
    this.#lastTick = Date.now();
    if (late > SLEPT_MS) this.calls.onWake();
    this.calls.onTick();
  }
}
