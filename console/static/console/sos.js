import { isOpen } from "./alerts.js";
import { newId } from "./clustr.js";
import { serverNow } from "./clock.js";
import { $, h, icon, setIcon, setText, show } from "./dom.js";
import { here } from "./geo.js";
import { holdable } from "./hold.js";
import { say } from "./page.js";
import { SentThread } from "./sent-thread.js";
import { CATEGORIES, doing, ending, firstName, headline, plural, titleOf } from "./words.js";

const HOLD_MS = 1500;
const COUNTDOWN_S = 5;
/** Pressing and holding is enough: who cannot choose any more is helped as well. */
const CHOOSE_S = 8;
const UNCHOSEN_COUNTDOWN_S = 3;
/** How often a press that the server does not know yet is taken back once more, and how long to wait before it. */
const TAKE_BACKS = 3;
const TAKE_BACK_MS = 1000;

/** @typedef {import("./alerts.js").Alert} Alert */

/**
 * Raising an SOS: hold, choose, count down, sent. The raise leaves the device when the countdown *begins*, so that a
 * phone that dies or is snatched in these seconds has still raised it.
 */
export class Sos {
  phase = "idle";
  /** @type {{id: string, category: string, endsAt: number, pressedAt: number}|null} what was raised on this page */
  raising = null;
  /** @type {Promise<object|null>} */
  #position = Promise.resolve(null);
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #timer;

  /**
   * @param {{me: string, feed: import("./clustr.js").Feed, actions: import("./commands.js").Actions,
   *   alerts: import("./alerts.js").Alerts, thread: SentThread, clock: {minutes: (at: string|number) => string, seconds: (at: string|number) => string}}} around
   */
  constructor({ me, feed, actions, alerts, thread, clock }) {
    this.me = me;
    this.feed = feed;
    this.actions = actions;
    this.alerts = alerts;
    this.thread = thread;
    this.clock = clock;
    this.place = $("#sos");
    const how = $("#sos-how");
    holdable($("#sos-hold"), {
      holdMs: HOLD_MS,
      onStart: () => {
        setText(how, "Keep holding…");
        navigator.vibrate?.(40);
        this.#position = here(6000);
      },
      onProgress: (part) => $("#sos-hold").style.setProperty("--held", String(part)),
      onCancel: () => setText(how, "Let go too early. Press and hold."),
      onHeld: () => this.#choose(),
      onAskAgain: () => {
        setText(how, "Press once more to raise an SOS");
        say("Press once more within five seconds to raise an SOS.");
      },
    });
    $("#categories").addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-category]");
      if (button instanceof HTMLElement) this.#raise(button.dataset.category ?? "other", COUNTDOWN_S);
    });
    $("#choose-cancel").addEventListener("click", () => this.#idle());
    $("#countdown-cancel").addEventListener("click", () => this.#cancel());
    $("#sent-safe").addEventListener("click", () => this.#askToCancel());
    $("#sent-close").addEventListener("click", () => this.#close());
    $("#sent-again").addEventListener("click", () => this.#idle());
    feed.outbox.on("refused", (entry, error) => this.raising?.id === entry.key && this.#trouble(error));
    feed.outbox.on("change", () => this.draw());
    feed.on("status", () => this.draw());
    alerts.on("change", (alert) => this.#changed(alert));
  }

  /** @returns {Alert|undefined} the alert this page is about; never a silent one */
  get alert() {
    if (this.raising) return this.alerts.get(this.raising.id);
    return this.alerts.open.find((alert) => this.isMine(alert) && !alert.is_silent);
  }

  /** @param {Alert} alert */
  isMine(alert) {
    return (alert.on_behalf_of ?? alert.raised_by).member_id === this.me;
  }

  /** @param {string} phase */
  #become(phase) {
    if (this.phase === phase) return;
    this.phase = phase;
    clearInterval(this.#timer);
    this.place.dataset.phase = phase;
    document.documentElement.dataset.sos = phase;
    for (const part of this.place.querySelectorAll("[data-in]")) {
      if (part instanceof HTMLElement) show(part, part.dataset.in === phase);
    }
    // To the heading, not to a button: the thumb or the Enter key that brought us here is still down.
    if (phase !== "idle") {
      const heading = this.place.querySelector(`[data-in="${phase}"] h2`);
      if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }

  #idle() {
    this.raising = null;
    $("#sos-hold").style.setProperty("--held", "0");
    setText($("#sos-how"), "Press and hold");
    this.#become("idle");
    $("#sos-hold").focus({ preventScroll: true });
  }

  #choose() {
    navigator.vibrate?.([60, 60, 60]);
    /** @type {HTMLInputElement} */ ($("#silent")).checked = false;
    this.#become("choose");
    const endsAt = Date.now() + CHOOSE_S * 1000;
    const tick = () => {
      const left = Math.ceil((endsAt - Date.now()) / 1000);
      setText($("#choose-left"), `Goes out as “${titleOf("other")}” in ${Math.max(0, left)} s`);
      if (left <= 0) this.#raise("other", UNCHOSEN_COUNTDOWN_S);
    };
    this.#timer = setInterval(tick, 250);
    tick();
  }

  /** @param {string} category @param {number} countdownS */
  async #raise(category, countdownS) {
    const id = newId();
    const isSilent = /** @type {HTMLInputElement} */ ($("#silent")).checked;
    if (isSilent) {
      // Not a trace: no countdown, no confirmation, and the outbox says nothing about it on this page.
      this.#idle();
      const position = await Promise.race([this.#position, wait(300)]);
      this.actions.raise({ category, silent: true, position }, id).catch(() => undefined);
      return;
    }
    const now = Date.now();
    this.raising = { id, category, endsAt: now + countdownS * 1000, pressedAt: now };
    this.#become("countdown");
    this.#timer = setInterval(() => this.#count(), 200);
    this.#count();
    // A position that is there at once goes along; an SOS waits for nothing.
    const position = await Promise.race([this.#position, wait(300)]);
    if (this.raising?.id !== id) return;
    const left = Math.max(1, Math.round((this.raising.endsAt - Date.now()) / 1000));
    this.actions.raise({ category, countdown_s: left, position }, id).then(
      (alert) => {
        // It joined one that was open already, perhaps a silent one: from here on the page is about that.
        if (this.raising?.id === id) this.raising.id = alert.id;
        if (!this.alerts.put(alert)) this.draw();
      },
      () => undefined,
    );
  }

  #count() {
    if (!this.raising) return;
    const left = Math.max(0, Math.ceil((this.raising.endsAt - Date.now()) / 1000));
    setText($("#countdown-title"), `${titleOf(this.raising.category)}: SOS goes out in`);
    const shown = $("#countdown-number");
    if (shown.textContent !== String(left)) {
      setText(shown, String(left));
      say(left ? String(left) : "Sent.");
    }
    if (left === 0) this.#sent();
  }

  #sent() {
    this.#become("sent");
    this.draw();
  }

  async #cancel() {
    const raised = this.raising;
    this.#idle();
    if (!raised) return;
    if (!this.feed.outbox.withdraw(raised.id)) {
      // Until the server has said so, it may yet go out.
      say("Cancelling. It is not confirmed yet.");
      try {
        await this.#takeBack(raised.id);
      } catch (error) {
        // The countdown ended first: it is out, and the page must not pretend otherwise.
        this.raising = raised;
        this.#sent();
        this.#trouble(/** @type {Error} */ (error));
        return;
      }
    }
    say("Cancelled. Nobody was told.");
  }

  /** A press that the server does not know may still be on its way to it: that is asked again. @param {string} id */
  async #takeBack(id) {
    for (let left = TAKE_BACKS; ; left -= 1) {
      try {
        await this.actions.cancel(id);
        return;
      } catch (error) {
        if (/** @type {any} */ (error).code !== "alert_not_found") throw error;
        if (left === 0) return;
        await new Promise((resolve) => setTimeout(resolve, TAKE_BACK_MS));
      }
    }
  }

  async #askToCancel() {
    const alert = this.alert;
    if (!alert) return;
    $("#sent-safe").setAttribute("disabled", "");
    await this.#run(this.actions.requestCancel(alert.id));
  }

  async #close() {
    const alert = this.alert;
    if (!alert) return;
    await this.#run(this.actions.close(alert.id));
    this.#idle();
  }

  /** @param {Promise<Alert>} pressed */
  async #run(pressed) {
    show($("#sent-trouble"), false);
    try {
      this.alerts.put(await pressed);
    } catch (error) {
      this.#trouble(/** @type {Error} */ (error));
    }
  }

  /** @param {Error} error */
  #trouble(error) {
    this.fail(`The server did not take it: ${error.message}`);
  }

  /** @param {string} text why it does not work; there is always the telephone */
  fail(text) {
    if (this.phase !== "sent") this.#sent();
    setText($("#sent-trouble"), `${text} Call instead.`);
    show($("#sent-trouble"), true);
    this.draw();
  }

  /** @param {Alert} alert */
  #changed(alert) {
    if (alert.is_silent || !this.isMine(alert)) return;
    if (this.phase === "idle" && isOpen(alert)) {
      this.raising ??= { id: alert.id, category: alert.category, endsAt: 0, pressedAt: Date.parse(alert.raised_at) };
      this.#sent();
    }
    if (alert.state === "cancelled" && alert.id === this.raising?.id) this.#idle();
    this.draw();
  }

  draw() {
    if (this.phase !== "sent" || !this.raising) return;
    const alert = this.alert;
    const isWaiting = this.feed.outbox.waiting.some(({ key }) => key === this.raising?.id);
    const isOver = alert?.state === "resolved" || alert?.state === "closed";
    const head = $("#sent-head");
    head.dataset.tone = isOver ? "good" : alert ? "open" : "late";
    setIcon(/** @type {Element} */ (head.querySelector(".icon")), isOver ? "done" : alert ? "alert" : "late");
    const what = alert ? headline(alert) : CATEGORIES[this.raising.category]?.title;
    const when = alert ? `sent ${this.clock.seconds(alert.countdown_ends_at ?? alert.raised_at)}` : "not sent yet";
    setText($("#sent-title"), isOver ? `${what}: ${ending(/** @type {Alert} */ (alert))}` : `${what}: ${when}`);
    const { isLive, isOnline, lostAt } = this.feed.connection;
    const isStuck = !isLive && (isWaiting || Boolean(alert));
    show($("#sent-offline"), isStuck || (isWaiting && Date.now() - this.raising.endsAt > 3000));
    const since = lostAt ? ` since ${this.clock.minutes(lostAt)}` : "";
    setText(
      $("#sent-offline"),
      isWaiting
        ? `${isOnline ? "The server cannot be reached" : "No network"}${since}. Your SOS is kept on this phone and goes out by itself. Call or text as well:`
        : `No connection${since}. Your SOS is out; what happens next cannot be shown until it is back.`,
    );
    this.#facts(alert);
    this.thread.show(alert && alert.state !== "closed" && this.phase === "sent" ? alert : null);
    show($("#sent-call"), !isOver);
    show($("#sent-text"), !isOver);
    show($("#sent-safe"), alert !== undefined && isOpen(alert));
    $("#sent-safe").toggleAttribute("disabled", Boolean(alert?.cancel_requested_at));
    setText($("#sent-safe"), alert?.cancel_requested_at ? "Asked to cancel; somebody comes to see" : "I am safe, ask to cancel");
    show($("#sent-close"), alert?.state === "resolved");
    show($("#sent-again"), isOver);
    const where = alert?.unit ? ` at ${alert.unit.name}` : "";
    const sms = /** @type {HTMLAnchorElement} */ ($("#sent-text"));
    sms.href = sms.href.split("?")[0] + `?body=${encodeURIComponent(`SOS ${what}${where}`)}`;
  }

  /** @param {Alert|undefined} alert */
  #facts(alert) {
    /** @type {[string, string, string][]} */
    const facts = [];
    if (alert) {
      const { tablets_received, sms_intended, sms_delivered, calls_intended, calls_answered } = alert.proof;
      const isTaken = alert.responders.length > 0;
      if (tablets_received) facts.push(["done", "good", `${plural(tablets_received, "guard has", "guards have")} it`]);
      else if (!isTaken) facts.push(["late", "late", "On its way to the guards"]);
      if (sms_intended) facts.push(["text", sms_delivered ? "good" : "plain", `Text message to ${plural(sms_intended, "person", "people")}${sms_delivered ? `, ${sms_delivered} delivered` : ""}`]);
      if (calls_intended) facts.push(["phone", calls_answered ? "good" : "plain", `${plural(calls_intended, "telephone call")}${calls_answered ? `, ${calls_answered} answered` : ""}`]);
      if (!isTaken && alert.state === "active") facts.push(["late", "late", "Waiting for an answer. It goes on by itself."]);
      for (const responder of alert.responders) {
        facts.push(["done", "good", `${firstName(responder.name)} ${doing(responder, serverNow())}`]);
      }
      if (alert.report) facts.push(["text", "plain", `“${alert.report}”`]);
    }
    const list = $("#sent-facts");
    const text = JSON.stringify(facts);
    if (list.dataset.text === text) return;
    list.dataset.text = text;
    list.replaceChildren(...facts.map(([shape, tone, words]) => h("li", { "data-tone": tone }, icon(shape), h("span", {}, words))));
  }
}

/** @param {number} ms @returns {Promise<null>} */
function wait(ms) {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}
