/** @typedef {{lat: number, lon: number}} Point */

const EARTH_M = 6_371_000;
const COMPASS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];

/** @param {Point} from @param {Point} to @returns {string} "420 m north-east", "here" */
export function wayTo(from, to) {
  const metres = distance(from, to);
  if (metres < 15) return "here";
  const rounded = metres < 1000 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`;
  return `${rounded} ${COMPASS[Math.round(bearing(from, to) / 45) % 8]}`;
}

/** Great-circle distance in metres. @param {Point} a @param {Point} b */
export function distance(a, b) {
  const rad = Math.PI / 180;
  const dLat = (b.lat - a.lat) * rad;
  const dLon = (b.lon - a.lon) * rad;
  const half = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(half));
}

/** Degrees clockwise from north, 0..360. @param {Point} a @param {Point} b */
export function bearing(a, b) {
  const rad = Math.PI / 180;
  const y = Math.sin((b.lon - a.lon) * rad) * Math.cos(b.lat * rad);
  const x =
    Math.cos(a.lat * rad) * Math.sin(b.lat * rad) -
    Math.sin(a.lat * rad) * Math.cos(b.lat * rad) * Math.cos((b.lon - a.lon) * rad);
  return (Math.atan2(y, x) / rad + 360) % 360;
}

/** Where an alert is: where the person is, else where he lives. @param {import("./alerts.js").Alert} alert @returns {Point|null} */
export function placeOf(alert) {
  if (alert.position) return { lat: alert.position.lat, lon: alert.position.lon };
  const unit = alert.unit;
  if (unit && unit.latitude !== null && unit.longitude !== null) return { lat: unit.latitude, lon: unit.longitude };
  return null;
}

/**
 * Where this device is, or null: unknown, refused, or not in time. Never throws and never holds anything up.
 * @param {number} withinMs
 * @returns {Promise<{lat: number, lon: number, accuracy_m: number}|null>}
 */
export function here(withinMs) {
  return new Promise((resolve) => {
    if (!navigator.geolocation) {
      resolve(null);
      return;
    }
    setTimeout(() => resolve(null), withinMs + 200);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude, accuracy_m: Math.round(coords.accuracy) }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout: withinMs, maximumAge: 60_000 },
    );
  });
}
