import { $, setIcon, setText } from "./dom.js";
import { serverNow } from "./clock.js";
import { describe } from "./status.js";

/**
 * What the server says to the page's script.
 * @typedef {{estate: {id: string, name: string, time_zone: string}, me: {member_id: string, kind: string,
 *   name: string, permissions: string[]}, [more: string]: any}} Page
 * @returns {Page}
 */
export function readPage() {
  return JSON.parse($("#page").textContent ?? "{}");
}

/** Times of day at the estate, whatever the device's own zone is. @param {Page} page */
export function estateClock(page) {
  const timeZone = page.estate.time_zone;
  const short = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "short" });
  const long = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return {
    /** @param {number|string} at "14:03" */
    minutes: (at) => short.format(new Date(at)),
    /** @param {number|string} at "14:03:07" */
    seconds: (at) => long.format(new Date(at)),
    /** @param {number|string} at */
    isToday: (at) => day.format(new Date(at)) === day.format(serverNow()),
  };
}

/**
 * Keeps the header's connection words and clock going.
 * @param {Page} page
 * @param {import("./clustr.js").Feed} feed
 * @param {() => void} [onSignedOut]
 */
export function showConnection(page, feed, onSignedOut = signInAgain) {
  const clock = estateClock(page);
  const place = $("#connection");
  const shape = /** @type {Element} */ (place.querySelector(".icon"));
  const words = $("#connection-words");
  const hour = document.querySelector("#clock");
  const draw = () => {
    const said = describe(feed.connection, Date.now(), clock.minutes);
    setText(words, said.words);
    place.dataset.tone = said.tone;
    setIcon(shape, { good: "live", late: "late", gone: "gone" }[said.tone]);
    if (hour) setText(hour, clock.minutes(serverNow()));
  };
  /** @type {boolean|null} null until the first connection: a page that opens need not say so */
  let wasGood = null;
  feed.on("status", (state) => {
    document.documentElement.dataset.connection = state;
    draw();
    if (state === "signed_out") onSignedOut();
    const isGood = state === "live";
    if (wasGood !== null && isGood !== wasGood) say(isGood ? "Connected." : "Connection lost, trying again.");
    if (isGood || wasGood !== null) wasGood = isGood;
  });
  // Whoever of the platform enters or leaves is shown at once, on whichever page (`supporters.js`).
  feed.on("event", (frame) => {
    if (frame.event.startsWith("estates.support.")) document.dispatchEvent(new CustomEvent("clustr:support"));
  });
  setInterval(draw, 500);
  draw();
}

export function signInAgain() {
  location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname)}`);
}

/** @type {Map<Element, string[]>} what has not been said yet */
const unsaid = new Map();

/**
 * For the screen reader. "now" interrupts whatever it is saying: a new alert and nothing else.
 * @param {string} text
 * @param {"now"|"soon"} [when]
 */
export function say(text, when = "soon") {
  const region = document.querySelector(when === "now" ? "#say-now" : "#say");
  if (!region) return;
  const waiting = unsaid.get(region);
  if (waiting) {
    waiting.push(text);
    return;
  }
  unsaid.set(region, [text]);
  // The same words twice in a row are only read when the region was empty in between.
  region.textContent = "";
  setTimeout(() => {
    region.textContent = (unsaid.get(region) ?? []).join(" ");
    unsaid.delete(region);
  }, 60);
}
