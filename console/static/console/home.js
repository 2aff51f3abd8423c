import { Alerts, follow } from "./alerts.js";
import { Actions, openEmergencyFeed } from "./commands.js";
import { showContacts } from "./contacts.js";
import { $, h, show } from "./dom.js";
import { Messages, followMessages } from "./messages.js";
import { estateClock, readPage, showConnection, signInAgain } from "./page.js";
import { SentThread } from "./sent-thread.js";
import { Sos } from "./sos.js";
import { WakeSwitch } from "./wake.js";
import { ending, headline, titleOf } from "./words.js";

const page = readPage();
const clock = estateClock(page);
const feed = openEmergencyFeed(page);
const actions = new Actions(feed);
const alerts = new Alerts();
const messages = new Messages();
const load = followMessages(feed, messages);
const thread = new SentThread({ me: page.me.member_id, feed, messages, actions, clock, load });
const sos = new Sos({ me: page.me.member_id, feed, actions, alerts, thread, clock });

const day = new Intl.DateTimeFormat("en-GB", { timeZone: page.estate.time_zone, day: "numeric", month: "short" });

function drawPast() {
  // A silent alert leaves no trace here, not even when it is over.
  const lines = alerts.over.filter((alert) => sos.isMine(alert) && !alert.is_silent).slice(0, 3);
  $("#past").replaceChildren(
    ...lines.map((alert) =>
      h(
        "li",
        {},
        h("time", { class: "quietly", datetime: alert.raised_at }, `${day.format(new Date(alert.raised_at))}, ${clock.minutes(alert.raised_at)}`),
        h("span", {}, `${alert.is_drill ? "Drill: " : ""}${headline(alert)}`),
        h("span", { class: "end" }, ending(alert)),
      ),
    ),
  );
  show($("#past-none"), lines.length === 0);
}

/** An SOS that an earlier visit could not send, and that is too old to send without asking. */
feed.outbox.on("stale", (/** @type {import("./outbox.js").Entry[]} */ entries) => {
  const place = $("#stale");
  for (const entry of entries) {
    if (entry.name !== "emergency.alert.raise") continue;
    if (entry.data.silent) {
      // To ask about a silent one would betray it: it goes out within two hours, and not at all after that.
      feed.outbox.decide(entry, Date.now() - entry.at < 2 * 3600_000);
      continue;
    }
    const decide = (/** @type {boolean} */ isWanted) => {
      feed.outbox.decide(entry, isWanted);
      show(place, false);
    };
    place.replaceChildren(
      h("span", {}, `Your SOS of ${clock.minutes(entry.at)} (${titleOf(entry.data.category)}) could not be sent.`),
      h("button", { type: "button", class: "button", onclick: () => decide(true) }, "Send it now"),
      h("button", { type: "button", class: "button", onclick: () => decide(false) }, "I am safe, drop it"),
    );
    show(place, true);
  }
});

follow(feed, alerts);
alerts.on("change", drawPast);
for (const alert of page.alerts) alerts.put(alert);
showConnection(page, feed, () => {
  // Not away from a running SOS: what can be done now is to call.
  if (sos.phase === "idle") signInAgain();
  else sos.fail("You are signed out on this device, so it cannot be sent from here.");
});
new WakeSwitch(feed, page.me.member_id);
showContacts(feed.rest, page.contacts);
drawPast();
setInterval(() => sos.draw(), 1000);
feed.start();
