import { Actions, openEmergencyFeed } from "./commands.js";
import { $, setText, show } from "./dom.js";
import { readPage, say, showConnection } from "./page.js";
import { story } from "./words.js";

/**
 * The desk's pages are drawn by the server. When something happens that concerns them, the same address is read again
 * and its live parts are exchanged: one way of drawing, and what a reload shows is what the page shows.
 */
const page = readPage();
const feed = openEmergencyFeed(page);
const actions = new Actions(feed);

let isReading = false;
let isAskedAgain = false;

async function refresh() {
  if (isReading) {
    isAskedAgain = true;
    return;
  }
  isReading = true;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) exchange(part, fresh.getElementById(part.id));
  } catch {
    // The network is gone; the next welcome asks again.
  } finally {
    isReading = false;
    if (isAskedAgain) {
      isAskedAgain = false;
      setTimeout(refresh, 300);
    }
  }
}

/** @param {Element} part @param {Element|null} fresh */
function exchange(part, fresh) {
  if (!fresh || part.innerHTML === fresh.innerHTML) return;
  const held = document.activeElement;
  const wasHeld = held instanceof HTMLElement && part.contains(held);
  const sign = wasHeld ? (held.dataset.act ? `[data-act="${held.dataset.act}"]` : `a[href="${held.getAttribute("href")}"]`) : "";
  part.replaceChildren(...fresh.childNodes);
  if (wasHeld) /** @type {HTMLElement|null} */ (part.querySelector(sign))?.focus();
}

feed.on("event", (frame, { isReplay }) => {
  const alert = frame.data?.alert;
  if (!alert || (page.alert && alert.id !== page.alert.id)) return;
  const line = story(frame.event, frame.data);
  if (line && !isReplay) say(line, frame.event === "emergency.alert.raised" ? "now" : "soon");
  refresh();
});
// The page was drawn a moment before the feed began, or before the connection was lost.
feed.on("welcome", refresh);

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-act]") : null;
  if (!(button instanceof HTMLElement) || !page.alert) return;
  if (button.dataset.act === "acknowledge") run(actions.acknowledge(page.alert.id));
  if (button.dataset.act === "close") run(actions.close(page.alert.id));
  if (button.dataset.act === "open-ending") {
    show($("#ending"), Boolean($("#ending").hidden));
    button.setAttribute("aria-expanded", String(!$("#ending").hidden));
  }
});

document.querySelector("#ending")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
  const isDone = await run(actions.resolve(page.alert.id, String(data.get("outcome")), String(data.get("report")).trim()));
  if (isDone) show($("#ending"), false);
});

/** @param {Promise<any>} pressed @returns {Promise<boolean>} */
async function run(pressed) {
  show($("#trouble"), false);
  try {
    await pressed;
    await refresh();
    return true;
  } catch (error) {
    setText($("#trouble"), error instanceof Error ? error.message : String(error));
    show($("#trouble"), true);
    return false;
  }
}

showConnection(page, feed);
feed.start();
