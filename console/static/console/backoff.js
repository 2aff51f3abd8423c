/**
 * How long to wait before trying again: doubling, with jitter, so that a thousand tablets that lost the same server
 * do not come back in the same instant.
 */
export class Backoff {
  #tries = 0;

  /** @param {{firstMs?: number, mostMs?: number, random?: () => number}} [options] */
  constructor({ firstMs = 500, mostMs = 15_000, random = Math.random } = {}) {
    this.firstMs = firstMs;
    this.mostMs = mostMs;
    this.random = random;
  }

  /** @returns {number} milliseconds: between half of the present ceiling and all of it */
  next() {
    const ceiling = Math.min(this.mostMs, this.firstMs * 2 ** this.#tries);
    this.#tries += 1;
    return ceiling * (0.5 + this.random() / 2);
  }

  reset() {
    this.#tries = 0;
  }
}

export const CLOSE_UNAUTHENTICATED = 4501;
export const CLOSE_REVOKED = 4503;

/**
 * Close codes below 4500 are the weather: come back. From 4500 on the server has said no.
 * @param {number} code
 */
export function comesBack(code) {
  return !(code >= 4500 && code <= 4999);
}
