/**
 * The connection in words and age. A dot alone cannot be read in sunlight, and "connected" without an age is a guess.
 *
 * @typedef {"idle"|"connecting"|"live"|"waiting"|"signed_out"|"revoked"|"stopped"} State
 * @typedef {{state: State, heardAt: number|null, lostAt: number|null, startedAt: number, isOnline: boolean,
 *   heartbeatMs: number}} Connected
 * @typedef {{words: string, tone: "good"|"late"|"gone"}} Words `tone` picks the shape and the colour
 */

/** Past this long without the server the page stops saying "trying" and says since when it is offline. */
const OFFLINE_AFTER_MS = 60_000;

/**
 * @param {Connected} connection
 * @param {number} now
 * @param {(ms: number) => string} clock a time of day, e.g. "14:01"
 * @returns {Words}
 */
export function describe(connection, now, clock) {
  const { state, heardAt, lostAt, isOnline, heartbeatMs } = connection;
  if (state === "signed_out") return { words: "signed out", tone: "gone" };
  if (state === "revoked") return { words: "access ended", tone: "gone" };
  if (state === "stopped") return { words: "stopped, reload the page", tone: "gone" };
  const silent = now - (heardAt ?? connection.startedAt);
  if (state === "live") {
    if (silent <= heartbeatMs * 1.5) return { words: `live ${ago(silent, 1)}`, tone: "good" };
    return { words: `last heard ${ago(silent)} ago, checking`, tone: "late" };
  }
  if (heardAt === null) {
    if (!isOnline) return { words: "no network", tone: "gone" };
    return { words: silent < 1500 ? "connecting" : `connecting, ${ago(silent)}`, tone: "late" };
  }
  if (!isOnline || silent > OFFLINE_AFTER_MS) {
    return { words: `offline since ${clock(lostAt ?? heardAt)}`, tone: "gone" };
  }
  return { words: `last seen ${ago(silent)} ago, trying`, tone: "late" };
}

/**
 * @param {number} ms
 * @param {number} [decimals] of the seconds, below ten
 * @returns {string} "0.2 s", "14 s", "3 min", "2 h"
 */
export function ago(ms, decimals = 0) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(decimals)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
