import { openEmergencyFeed } from "./commands.js";
import { $, setText, show } from "./dom.js";
import { readPage, say, showConnection } from "./page.js";
import { story } from "./words.js";

/**
 * Lists at the desk. The server draws what became of a file; while one is at work its rows are counted here as they are
 * told, and when it stands still the page's live part is read again.
 */
const page = readPage();
const feed = openEmergencyFeed(page);

/** Of two answers under way the one that was asked for last is the newer one, whichever comes first. */
let newest = 0;

async function refresh() {
  const mine = ++newest;
  const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const text = await answer.text();
  if (mine !== newest) return;
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("import-live");
  const part = document.querySelector("#import-live");
  if (!fresh || !part || part.innerHTML === fresh.innerHTML) return;
  part.replaceChildren(...fresh.childNodes);
  const words = part.querySelector("#import-state")?.textContent;
  if (words) say(words);
}

document.querySelector("#hand-in")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  run(feed.rest.call("POST", "imports/", { body: new FormData(form) }), form.querySelector("button"));
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  const { apply, discard, partial } = button?.dataset ?? {};
  if (apply) run(feed.rest.call("POST", `imports/${apply}/apply/`, { body: { partial: Boolean(partial) } }), button);
  if (discard) run(feed.rest.call("DELETE", `imports/${discard}/`), button);
});

/** @param {Promise<any>} sent @param {HTMLButtonElement|null} button */
async function run(sent, button) {
  show($("#trouble"), false);
  if (button) button.disabled = true;
  try {
    await sent;
    await refresh();
  } catch (error) {
    setText($("#trouble"), error instanceof Error ? error.message : String(error));
    show($("#trouble"), true);
  } finally {
    if (button) button.disabled = false;
  }
}

/** @param {any} job */
function count(job) {
  const bar = document.querySelector("#import-progress");
  if (job.state !== "checking" || !job.rows || !(bar instanceof HTMLProgressElement)) return false;
  bar.max = job.rows;
  bar.value = job.done;
  setText($("#import-state"), `Checking: ${job.done} of ${job.rows} rows`);
  return true;
}

feed.on("event", (frame, { isReplay }) => {
  if (frame.event.startsWith("backoffice.import.") && !isReplay && !count(frame.data.job)) refresh().catch(() => {});
  const line = story(frame.event, frame.data ?? {});
  if (line && !isReplay) say(line, frame.event === "emergency.alert.raised" ? "now" : "soon");
});
// What was told before the feed began, or while the connection was lost.
feed.on("welcome", () => refresh().catch(() => {}));
showConnection(page, feed);
feed.start();
