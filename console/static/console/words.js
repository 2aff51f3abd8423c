/** Everything about an alert that is said in words. */

/** @typedef {import("./alerts.js").Alert} Alert */

/** @type {Record<string, {title: string, severity: number}>} severity: 1 is looked at first */
export const CATEGORIES = {
  fire: { title: "Fire", severity: 1 },
  medical: { title: "Medical", severity: 2 },
  robbery: { title: "Robbery", severity: 3 },
  domestic_violence: { title: "Violence at home", severity: 4 },
  intrusion: { title: "Intrusion", severity: 5 },
  accident: { title: "Accident", severity: 6 },
  other: { title: "Emergency", severity: 7 },
};

/** @param {string} category */
export function titleOf(category) {
  return CATEGORIES[category]?.title ?? "Emergency";
}

/** @param {Alert} alert "Intrusion and medical" */
export function headline(alert) {
  const [first, ...rest] = alert.categories.length ? alert.categories : [alert.category];
  return [titleOf(first), ...rest.map((category) => titleOf(category).toLowerCase())].join(" and ");
}

/** @param {Alert} alert the person in need, whoever pressed */
export function personOf(alert) {
  return alert.on_behalf_of ?? alert.raised_by;
}

/** @param {string} name "Ada Obi" -> "Ada" */
export function firstName(name) {
  return name.split(" ")[0];
}

/** @param {Alert} alert "Unit B-14 · Ada Obi" */
export function where(alert) {
  const person = personOf(alert).name;
  return alert.unit ? `Unit ${alert.unit.name} · ${person}` : person;
}

/** @param {number} ms "00:42", "1:02:07" */
export function stopwatch(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (/** @type {number} */ value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** @param {number} ms until something is due: "18 s", "2 min" */
export function until(ms) {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** @type {Record<string, string>} */
const CHANNELS = { websocket: "tablets", sms: "SMS", voice: "voice call", push: "push", email: "email" };
/** @type {Record<string, string>} */
const AUDIENCES = {
  unreceived: "whoever has not received it",
  guards: "all guards",
  guards_on_duty: "guards on duty",
  security_heads: "security head",
  managers: "managers",
  contacts: "personal contacts",
};

/** @param {string[]} audience */
export function audienceOf(audience) {
  return audience.map((key) => AUDIENCES[key] ?? key.replaceAll("_", " ")).join(", ");
}

/**
 * The proof line: who provably has it, and what happens next by itself.
 *
 * @param {Alert} alert
 * @param {number} now
 * @returns {{text: string, tone: "good"|"late"|"plain"}[]}
 */
export function proof(alert, now) {
  const { tablets_intended, tablets_received, sms_intended, sms_sent, sms_delivered, sms_failed } = alert.proof;
  const { calls_intended, calls_answered, calls_failed } = alert.proof;
  const { pushes_intended, pushes_received } = alert.proof;
  /** @type {{text: string, tone: "good"|"late"|"plain"}[]} */
  const parts = [
    {
      text: tablets_intended ? `Received ${tablets_received}/${plural(tablets_intended, "tablet")}` : "No tablet on duty",
      tone: tablets_received > 0 ? "good" : "late",
    },
  ];
  if (pushes_intended) {
    parts.push({ text: `Woke ${pushes_received}/${plural(pushes_intended, "device")}`, tone: pushes_received ? "good" : "plain" });
  }
  if (sms_intended) {
    const fates = [
      sms_delivered && `${sms_delivered} delivered`,
      sms_sent > sms_delivered && `${sms_sent - sms_delivered} sent`,
      sms_failed && `${sms_failed} failed`,
    ].filter(Boolean);
    parts.push({
      text: `SMS to ${sms_intended}${fates.length ? ` (${fates.join(", ")})` : " (going out)"}`,
      tone: sms_failed >= sms_intended ? "late" : "plain",
    });
  }
  if (calls_intended) {
    const fates = [calls_answered && `${calls_answered} answered`, calls_failed && `${calls_failed} not`].filter(Boolean);
    parts.push({
      text: `${plural(calls_intended, "call")}${fates.length ? ` (${fates.join(", ")})` : alert.state === "active" ? " (ringing)" : ""}`,
      tone: calls_failed >= calls_intended ? "late" : "plain",
    });
  }
  if (alert.next_step) {
    const { channel, audience, due_at } = alert.next_step;
    const left = Date.parse(due_at) - now;
    const when = left > 0 ? `in ${until(left)}` : "now";
    parts.push({ text: `next: ${CHANNELS[channel] ?? channel} to ${audienceOf(audience)} ${when}`, tone: "plain" });
  }
  return parts;
}

/**
 * @param {import("./alerts.js").Responder} responder
 * @param {number} now
 * @returns {string} "has it", "is on the way, 2 min", "is there"
 */
export function doing(responder, now) {
  if (responder.state === "on_scene") return "is there";
  if (responder.state !== "responding") return "has it";
  if (!responder.eta_s) return "is on the way";
  const left = Date.parse(responder.since_at) + responder.eta_s * 1000 - now;
  return left > 0 ? `is on the way, ${until(left)}` : "is on the way, due now";
}

/** @type {Record<string, string>} */
export const OUTCOMES = { real: "Real", false_alarm: "False alarm", test: "Test" };

/** @param {Alert} alert how it ended: "resolved, false alarm" */
export function ending(alert) {
  if (alert.state === "cancelled") return "cancelled in the countdown";
  const word = alert.state === "closed" ? "closed" : "resolved";
  return alert.outcome ? `${word}, ${OUTCOMES[alert.outcome].toLowerCase()}` : word;
}

/**
 * One line about one event, for "what this board missed" and for the screen reader.
 * @param {string} event
 * @param {any} data
 * @returns {string|null} null: nothing a person needs to hear
 */
export function story(event, data) {
  if (event === "staff.duty.started") return `${data.entry.name} is on duty`;
  if (event === "staff.duty.ended") return `${data.name} is off duty`;
  if (event === "staff.post.darkened") return `${data.post.name} tablet: dark, alerts are not seen there`;
  if (event === "staff.post.escalated") return `${data.post.name} tablet: still dark, ${data.told.join(", ") || "nobody"} texted`;
  if (event === "staff.post.lit") return `${data.post.name} tablet: here again`;
  if (event === "emergency.message.posted") return `${data.message.author.name}: ${data.message.text}`;
  /** @type {Alert|undefined} */
  const alert = data.alert;
  if (!alert) return null;
  const what = `${alert.is_drill ? "Drill: " : ""}${headline(alert)}, ${where(alert)}`;
  const by = data.by?.name ?? "Somebody";
  switch (event.replace("emergency.alert.", "")) {
    case "raised":
      return `${what}: raised`;
    case "joined":
      return `${what}: more was reported`;
    case "acknowledged":
      return `${what}: ${by} has it`;
    case "responding":
      return `${what}: ${by} is on the way`;
    case "on_scene":
      return `${what}: ${by} is there`;
    case "escalated":
      return `${what}: escalated to ${audienceOf(data.step?.audience ?? [])}`;
    case "cancel_requested":
      return `${what}: ${firstName(personOf(alert).name)} asks to cancel`;
    case "resolved":
    case "closed":
      return `${what}: ${ending(alert)}`;
    default:
      return null;
  }
}
