import { Alarm, vibrate } from "./alarm.js";
import { Alerts, follow, isOpen, isUnanswered } from "./alerts.js";
import { Awake } from "./awake.js";
import { AlertCard } from "./board-card.js";
import { Missed } from "./board-missed.js";
import { Posts } from "./board-posts.js";
import { Shift } from "./board-shift.js";
import { serverNow } from "./clock.js";
import { Actions, openEmergencyFeed } from "./commands.js";
import { $, h, setIcon, setText, show } from "./dom.js";
import { here } from "./geo.js";
import { Messages, followMessages } from "./messages.js";
import { estateClock, readPage, say, showConnection } from "./page.js";
import { SeenTracker } from "./receipts.js";
import { WakeSwitch, putAway } from "./wake.js";
import { ending, headline, story, where } from "./words.js";

const page = readPage();
const clock = estateClock(page);
const feed = openEmergencyFeed(page);
const actions = new Actions(feed);
const alerts = new Alerts();
const messages = new Messages();
const alarm = new Alarm();
const missed = new Missed(clock);
/** @type {Map<string, AlertCard>} */
const cards = new Map();
/** @type {import("./geo.js").Point|null} */
let board = null;
const plainTitle = document.title;

const shift = new Shift({
  feed,
  alarm,
  awake: new Awake(),
  clock,
  mayTakeDuty: page.me.permissions.includes("estates.duty.take"),
  isOnDuty: page.is_on_duty,
  onStart: locate,
});

new WakeSwitch(feed, page.me.member_id);
new Posts({ feed, clock, posts: page.posts, mayPair: page.me.permissions.includes("staff.post.pair") });

async function locate() {
  board = (await here(10_000)) ?? board;
  draw();
}

function draw() {
  const open = alerts.open;
  const place = $("#alerts");
  const held = document.activeElement;
  for (const [id, card] of cards) {
    if (open.some((alert) => alert.id === id)) continue;
    card.element.remove();
    cards.delete(id);
  }
  open.forEach((alert, index) => {
    const card = cards.get(alert.id) ?? newCard(alert);
    card.draw(alert, board);
    card.tick(serverNow());
    if (place.children[index] !== card.element) place.insertBefore(card.element, place.children[index] ?? null);
  });
  // What is moved loses the focus, and a guard at a keyboard must not.
  if (held instanceof HTMLElement && held.isConnected) held.focus({ preventScroll: true });
  $("#board").dataset.open = String(open.length);
  show($("#quiet"), open.length === 0);
  drawRecent();
  alarm.sound(open.some(isUnanswered));
  drawWaiting();
  look();
}

/** @param {import("./alerts.js").Alert} alert */
function newCard(alert) {
  const card = new AlertCard(alert, { me: page.me.member_id, feed, actions, messages, clock, put: (one) => alerts.put(one) });
  cards.set(alert.id, card);
  loadMessages(alert.id);
  // It pushes the others down: a finger already on its way to one of them must not land on this one.
  card.element.inert = true;
  setTimeout(() => (card.element.inert = false), 400);
  return card;
}

function drawRecent() {
  const lines = alerts.over.slice(0, 8).map((alert) =>
    h(
      "li",
      {},
      h("time", { datetime: alert.raised_at }, `${clock.isToday(alert.raised_at) ? "" : "yesterday "}${clock.minutes(alert.raised_at)}`),
      h("a", { href: `../desk/alerts/${alert.id}/` }, `${alert.is_drill ? "Drill: " : ""}${headline(alert)}, ${where(alert)}`),
      h("span", { class: "recent-end" }, ending(alert)),
    ),
  );
  $("#recent").replaceChildren(...lines);
  show($("#recent-none"), lines.length === 0);
}

function drawWaiting() {
  for (const [id, card] of cards) {
    const entry = feed.outbox.waiting.find(({ name, data }) => data.id === id && name.startsWith("emergency.alert."));
    card.waiting(entry?.tries ?? null, feed.connection.isLive);
  }
}

/** How long after the last word from the server "all quiet" is still a fact. */
const KNOWN_FOR_MS = 10_000;

function drawQuiet() {
  const { isLive, heardAt, startedAt, isOnline } = feed.connection;
  const isKnown = isLive || (isOnline && Date.now() - (heardAt ?? startedAt) < KNOWN_FOR_MS);
  const place = $("#quiet");
  place.dataset.tone = isKnown ? "good" : "late";
  setIcon(/** @type {Element} */ (place.querySelector(".icon")), isKnown ? "done" : "late");
  setText($("#quiet-title"), isKnown ? "All quiet" : "Not connected");
  setText($("#quiet-text"), isKnown ? "No open alert." : "This board cannot know what is happening. New alerts come to you by SMS.");
}

/** What follows an alert's id where not the alert but what is said on it must be looked at. */
const SAID = " said";

/** A receipt of eyes: the alert's head, or the newest that is said on it, is on a screen that is on. */
const seen = new SeenTracker((topic, offset) => feed.seen(topic, offset));
function look() {
  if (document.visibilityState !== "visible") return;
  seen.look((subject) => {
    const [id, isSaid] = subject.split(SAID);
    const card = cards.get(id);
    if (!card) return !isOpen(alerts.get(id) ?? /** @type {any} */ ({ state: "closed" }));
    if (isSaid !== undefined) return card.thread.isInView;
    const box = card.element.getBoundingClientRect();
    return box.top >= -8 && box.top < innerHeight - 80;
  });
}

// First of all the store: what is said and seen below is about the alert as it now is.
follow(feed, alerts);
const loadMessages = followMessages(feed, messages);
messages.on("change", (alertId) => cards.get(alertId)?.thread.draw());
feed.typing.on("change", (_, alertId) => cards.get(alertId)?.thread.draw());
feed.outbox.on("change", () => cards.forEach((card) => card.thread.draw()));
feed.on("event", (frame, { isReplay }) => {
  if (isReplay) missed.add(frame, feed.connection.lostAt);
  const line = story(frame.event, frame.data ?? {});
  if (line && !isReplay) say(line, frame.event === "emergency.alert.raised" ? "now" : "soon");
  if (frame.event === "emergency.alert.acknowledged" && frame.data.by?.member_id !== page.me.member_id && !isReplay) alarm.chime();
  if (frame.event.startsWith("staff.duty.")) shift.refresh().catch(() => undefined);
  const message = frame.event === "emergency.message.posted" ? frame.data.message : null;
  seen.arrived(frame.topic, frame.offset, message ? message.alert_id + SAID : (frame.data?.alert?.id ?? null));
  if (message && !isReplay && message.author.member_id !== page.me.member_id) alarm.chime();
  look();
});
alerts.on("change", (alert, before) => {
  draw();
  if (isUnanswered(alert) && !before) flashUntilAnswered();
  if (!isUnanswered(alert)) putAway(alert.id);
});
feed.on("welcome", (frame) => {
  for (const [topic, { head }] of Object.entries(/** @type {Record<string, {head: number}>} */ (frame.topics))) {
    if (topic.endsWith(".emergency")) for (const { id } of frame.open_alerts) seen.arrived(topic, head, id);
  }
  shift.refresh().catch(() => undefined);
  draw();
});
feed.on("caught-up", () => missed.draw());
feed.on("snapshot", async () => {
  const { results } = await feed.rest.call("GET", "alerts/").catch(() => ({ results: [] }));
  const since = feed.connection.lostAt;
  missed.note("Away for too long to say every step. The alerts on this page are as they stand now.");
  for (const alert of results) {
    if (since && Date.parse(alert.raised_at) > since && !isOpen(alert)) missed.note(`${headline(alert)}, ${where(alert)}: ${ending(alert)}`);
    alerts.put(alert);
  }
  missed.draw();
});
feed.outbox.on("change", drawWaiting);
feed.on("status", drawWaiting);
feed.on("status", drawQuiet);

let flash = 0;
function flashUntilAnswered() {
  clearInterval(flash);
  let isOn = false;
  flash = window.setInterval(() => {
    const unanswered = alerts.open.filter(isUnanswered);
    isOn = !isOn && unanswered.length > 0;
    document.title = isOn ? `‼ ${headline(unanswered[0])}, ${where(unanswered[0])}` : plainTitle;
    if (isOn) vibrate([400, 150, 400]);
    if (!unanswered.length) clearInterval(flash);
  }, 1000);
}

setInterval(() => {
  for (const card of cards.values()) card.tick(serverNow());
  drawQuiet();
  look();
}, 1000);
setInterval(() => shift.refresh().catch(() => undefined), 60_000);
addEventListener("scroll", look, { passive: true });
document.addEventListener("visibilitychange", look);

for (const alert of [...page.open_alerts, ...page.recent_alerts]) alerts.put(alert);
shift.showPeople(page.on_duty);
showConnection(page, feed);
draw();
feed.start();
// Asked for at the start of a shift; here it is only used where it was granted before.
navigator.permissions?.query({ name: "geolocation" }).then(
  ({ state }) => {
    if (state === "granted") locate();
  },
  () => undefined,
);
