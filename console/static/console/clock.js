/**
 * The server's time. A gate tablet's own clock may be minutes wrong, and an alert's age must not be: every REST
 * answer's Date header corrects it.
 */
let offsetMs = 0;

/**
 * @param {string|null} dateHeader
 * @param {number} sentAt `Date.now()` before the request
 * @param {number} answeredAt `Date.now()` after it
 */
export function learnServerTime(dateHeader, sentAt, answeredAt) {
  const stamp = Date.parse(dateHeader ?? "");
  if (Number.isNaN(stamp) || answeredAt - sentAt > 5000) return;
  // The header counts whole seconds, so half a second is the best guess, and a smaller difference is no difference.
  const difference = stamp + 500 - (sentAt + answeredAt) / 2;
  offsetMs = Math.abs(difference) < 1500 ? 0 : difference;
}

/** @returns {number} milliseconds since 1970, as the server counts them */
export function serverNow() {
  return Date.now() + offsetMs;
}
