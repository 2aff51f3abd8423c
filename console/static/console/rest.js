import { learnServerTime } from "./clock.js";

/** The server understood and said no (problem details, RFC 9457). */
export class Refused extends Error {
  /** @param {number} status @param {any} problem @param {number} [retryAfterS] */
  constructor(status, problem, retryAfterS = 0) {
    super(problem?.detail || problem?.title || `The server answered ${status}.`);
    this.status = status;
    this.problem = problem;
    this.code = problem?.code ?? "";
    this.fields = problem?.fields ?? problem?.errors ?? [];
    this.temporary = status === 429 || status >= 500 || status === 408;
    this.retryAfterS = retryAfterS;
  }
}

/** No answer: the network, or a server that is down. Whether the request arrived is unknown. */
export class Unreachable extends Error {}

/** Same-origin REST with the session cookie. */
export class Rest {
  /** @param {{base: string, timeoutMs?: number}} options `base` ends with a slash */
  constructor({ base, timeoutMs = 8000 }) {
    this.base = base;
    this.timeoutMs = timeoutMs;
  }

  /**
   * @param {string} method
   * @param {string} path below `base`
   * @param {{body?: object, key?: string}} [options] `body`: JSON, or a form with a file; `key`: the idempotency key
   * @returns {Promise<any>} the answer's JSON, or null
   * @throws {Refused|Unreachable}
   */
  async call(method, path, { body, key } = {}) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
    if (key) headers["Idempotency-Key"] = key;
    // The browser says itself how it parts a form.
    const form = body instanceof FormData ? body : null;
    if (body && !form) headers["Content-Type"] = "application/json";
    const stop = new AbortController();
    // A file on a slow line takes its time.
    const timer = setTimeout(() => stop.abort(), form ? 15 * this.timeoutMs : this.timeoutMs);
    const sentAt = Date.now();
    try {
      const answer = await fetch(this.base + path, {
        method,
        headers,
        body: form ?? (body ? JSON.stringify(body) : undefined),
        credentials: "same-origin",
        cache: "no-store",
        signal: stop.signal,
      });
      learnServerTime(answer.headers.get("Date"), sentAt, Date.now());
      const text = await answer.text();
      const content = text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : null;
      if (!answer.ok) throw new Refused(answer.status, content, Number(answer.headers.get("Retry-After")) || 0);
      return content;
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The cookie is always the newest (it turns at sign-in in another tab); the page's own copy serves where it is hidden. */
function csrfToken() {
  const name = document.documentElement.dataset.csrfCookie || "csrftoken";
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  if (cookie) return cookie.slice(name.length + 1);
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}
