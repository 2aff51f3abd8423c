import { h, icon, redraw, setText, show } from "./dom.js";
import { firstName, plural } from "./words.js";

const LONGEST = 1000;
/** Lines that are shown before somebody asks for all. */
const SHOWN = 3;

/**
 * @typedef {import("./messages.js").Message} Message
 * @typedef {{alertId: string, me: string, feed: import("./clustr.js").Feed, messages: import("./messages.js").Messages,
 *   actions: import("./commands.js").Actions, clock: {minutes: (at: string|number) => string}, quick: string[],
 *   isOpen?: boolean}} Options `quick`: words for who cannot write now
 */

/** What is said on one alert, who is writing, and a line to write in. */
export class Thread {
  #isWhole = false;

  /** @param {Options} options */
  constructor({ alertId, me, feed, messages, actions, clock, quick, isOpen = false }) {
    this.alertId = alertId;
    this.me = me;
    this.feed = feed;
    this.messages = messages;
    this.actions = actions;
    this.clock = clock;
    const id = `thread-${alertId}`;
    this.earlier = h("button", { type: "button", class: "thread-earlier", onclick: () => this.#showAll() });
    this.list = h("ol", { class: "thread-lines", "aria-label": "Messages" });
    this.writing = h("p", { class: "thread-writing", "aria-live": "polite" });
    this.trouble = h("p", { class: "notice notice-error", role: "alert", hidden: true });
    this.line = /** @type {HTMLInputElement} */ (
      h("input", { id, name: "text", maxlength: String(LONGEST), required: true, autocomplete: "off", enterkeyhint: "send" })
    );
    this.label = h("label", { for: id }, "Message");
    this.form = h(
      "form",
      { class: "thread-form", id: `${id}-form`, hidden: !isOpen },
      this.label,
      this.line,
      h("button", { type: "submit", class: "button", "data-act": "send" }, "Send"),
      h("div", { class: "thread-quick", role: "group", "aria-label": "Send at once" }, ...quick.map((text) => this.#quick(text))),
    );
    this.element = h("div", { class: "thread" }, this.earlier, this.list, this.writing, this.form, this.trouble);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.line.value.trim();
      if (!text) return;
      this.line.value = "";
      this.#send(text);
    });
    this.line.addEventListener("input", () => this.line.value.trim() && feed.typing.note("alert", alertId));
    this.draw();
  }

  draw() {
    const said = this.messages.of(this.alertId);
    const waiting = this.feed.outbox.waiting.filter(
      ({ name, data }) => name === "emergency.message.post" && data.id === this.alertId && !said.some(({ id }) => id === data.message_id),
    );
    const hidden = this.#isWhole ? 0 : Math.max(0, said.length - SHOWN);
    show(this.earlier, hidden > 0);
    setText(this.earlier, `${plural(hidden, "earlier message")}`);
    const lines = [
      ...said.slice(hidden).map((message) => this.#said(message)),
      ...waiting.map(({ data, at }) => ({ isMine: true, when: this.clock.minutes(at), who: "You", text: data.text, mark: "sending…" })),
    ];
    redraw(this.list, lines, ({ isMine, when, who, text, mark }) =>
      h(
        "li",
        { "data-mine": String(isMine) },
        h("time", {}, when),
        h("b", {}, who),
        h("span", { class: "thread-text", dir: "auto" }, text),
        mark && h("span", { class: "thread-mark" }, mark === "sending…" ? icon("late") : icon("done"), mark),
      ),
    );
    show(this.list, lines.length > 0);
    const names = this.feed.typing.of("alert", this.alertId).map(firstName);
    setText(this.writing, names.length ? `${names.join(", ")} ${names.length === 1 ? "is" : "are"} writing…` : "");
  }

  /** Whether the newest line is before somebody's eyes. */
  get isInView() {
    const last = this.list.lastElementChild?.getBoundingClientRect();
    return Boolean(last && last.height && last.top >= 0 && last.bottom <= innerHeight);
  }

  /** @param {Message} message */
  #said({ author, text, at, read_by }) {
    const isMine = author.member_id === this.me;
    const mark = isMine && read_by.length ? `read by ${names(read_by.map(({ name }) => firstName(name)))}` : "";
    return { isMine, when: this.clock.minutes(at), who: isMine ? "You" : author.name, text, mark };
  }

  #showAll() {
    this.#isWhole = true;
    this.draw();
  }

  /** @param {string} text */
  #quick(text) {
    return h("button", { type: "button", class: "button", onclick: () => this.#send(text) }, text);
  }

  /** @param {string} text */
  async #send(text) {
    show(this.trouble, false);
    this.feed.typing.sent("alert", this.alertId);
    const sent = this.actions.say(this.alertId, text);
    this.draw();
    try {
      this.messages.put(await sent);
    } catch (error) {
      // What was written is not lost, unless something else was written since.
      if (!this.line.value) this.line.value = text;
      setText(this.trouble, `Not sent: ${error instanceof Error ? error.message : error}`);
      show(this.trouble, true);
      this.draw();
    }
  }
}

/** @param {string[]} all "Gate, Sule and 3 more" */
function names(all) {
  if (all.length <= 2) return all.join(" and ");
  return `${all.slice(0, 2).join(", ")} and ${all.length - 2} more`;
}
