import { openEmergencyFeed } from "./commands.js";
import { $, show } from "./dom.js";
import { readPage, say, showConnection } from "./page.js";
import { serveForms } from "./rest-forms.js";
import { story } from "./words.js";

/**
 * Who asks to join, live. A card that is there already is left alone while it says the same: somebody may be typing
 * in it.
 */
const page = readPage();
const feed = openEmergencyFeed(page);
const list = $("#requests");

async function refresh() {
  try {
    const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    exchange([...fresh.querySelectorAll("#requests > [data-request]")]);
  } catch {
    // The network is gone; the next welcome asks again.
  }
}

/** @param {Element[]} cards in the order in which they are shown */
function exchange(cards) {
  const wanted = new Map(cards.map((card) => [card.getAttribute("data-request"), card]));
  for (const card of [...list.children]) {
    const next = wanted.get(card.getAttribute("data-request"));
    if (next?.getAttribute("data-state") !== card.getAttribute("data-state")) card.remove();
  }
  const there = new Set([...list.children].map((card) => card.getAttribute("data-request")));
  for (const card of cards.reverse()) {
    if (there.has(card.getAttribute("data-request"))) continue;
    card.setAttribute("data-fresh", "");
    list.prepend(card);
  }
  show($("#requests-none"), list.children.length === 0);
}

feed.on("event", (frame, { isReplay }) => {
  const line = frame.event === "joining.request.opened" ? `${frame.data.request.name} asks to join` : story(frame.event, frame.data ?? {});
  if (line && !isReplay) say(line, frame.event === "emergency.alert.raised" ? "now" : "soon");
  if (frame.event.startsWith("joining.request.")) refresh();
});
// The page was drawn a moment before the feed began, or before the connection was lost.
feed.on("welcome", refresh);

serveForms(feed.rest);
showConnection(page, feed);
feed.start();
