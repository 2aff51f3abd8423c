import { isUnanswered } from "./alerts.js";
import { cardParts } from "./board-card-parts.js";
import { h, icon, redraw, setIcon, setText, show } from "./dom.js";
import { placeOf, wayTo } from "./geo.js";
import { Thread } from "./thread.js";
import { doing, firstName, headline, personOf, proof, stopwatch, where } from "./words.js";

/**
 * @typedef {import("./alerts.js").Alert} Alert
 * @typedef {{me: string, feed: import("./clustr.js").Feed, actions: import("./commands.js").Actions,
 *   messages: import("./messages.js").Messages, put: (alert: Alert) => void,
 *   clock: {minutes: (at: string|number) => string}}} Around
 */

/** What a guard with gloves on can say. */
const QUICK = ["Are you safe?", "Stay where you are", "Lock the door"];

/** One open alert on the board. Built once and then changed in place, so that a finger or a focus never loses it. */
export class AlertCard {
  /** @param {Alert} alert @param {Around} around */
  constructor(alert, around) {
    const { actions } = around;
    this.alert = alert;
    this.around = around;
    this.thread = new Thread({ alertId: alert.id, quick: QUICK, ...around });
    this.parts = cardParts(alert.id, this.thread, {
      onTake: () => this.#run(actions.acknowledge(alert.id)),
      onWay: (etaS) => this.#run(actions.respond(alert.id, etaS)),
      onScene: () => this.#run(actions.onScene(alert.id)),
      onResolve: (outcome, report) => this.#run(actions.resolve(alert.id, outcome, report)),
    });
  }

  get element() {
    return this.parts.card;
  }

  /** @param {Alert} alert @param {import("./geo.js").Point|null} board where the board stands */
  draw(alert, board) {
    this.alert = alert;
    const { parts } = this;
    const person = personOf(alert);
    parts.card.dataset.state = alert.state;
    parts.card.dataset.drill = String(alert.is_drill);
    setIcon(parts.shape, isUnanswered(alert) ? "alert" : "taken");
    setText(parts.title, headline(alert));
    show(parts.drill, alert.is_drill);
    setText(parts.where, where(alert));
    setText(parts.place, this.#place(board));
    setText(parts.note, `“${alert.note}”`);
    show(parts.note, alert.note !== "");
    show(parts.cancel, alert.cancel_requested_at !== null);
    setText(parts.cancelText, `${firstName(person.name)} asks to cancel. See for yourself first, then resolve.`);
    setText(this.thread.label, alert.is_silent ? "Message to the other guards: a silent alert shows nothing on its phone" : "Message");
    this.#drawButtons();
  }

  /** @param {import("./geo.js").Point|null} board */
  #place(board) {
    const { alert } = this;
    const point = placeOf(alert);
    return [
      alert.unit?.block,
      board && point && wayTo(board, point),
      alert.position && `seen there ${this.around.clock.minutes(alert.position.at)}`,
      alert.is_silent && "silent: do not call, do not knock",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  #drawButtons() {
    const { alert, parts } = this;
    const { me } = this.around;
    const person = personOf(alert);
    const unanswered = isUnanswered(alert);
    const mine = alert.responders.find(({ member_id }) => member_id === me)?.state;
    const isOwn = person.member_id === me;
    setText(parts.take, mine ? "You have it" : unanswered ? "I have it" : "I have it too");
    parts.take.toggleAttribute("disabled", mine !== undefined);
    // The next step of mine is the one that stands out.
    parts.take.classList.toggle("button-main", !mine && unanswered);
    parts.way.classList.toggle("button-main", mine === "acknowledged");
    parts.scene.classList.toggle("button-main", mine === "responding");
    parts.end.classList.toggle("button-main", mine === "on_scene");
    show(parts.own, isOwn);
    show(parts.take, !isOwn);
    show(parts.way, !isOwn && mine !== "on_scene");
    show(parts.scene, !isOwn && mine !== "on_scene");
    show(parts.end, !isOwn && !unanswered);
    const mayCall = Boolean(person.phone) && !alert.is_silent && !isOwn;
    show(parts.call, mayCall);
    if (mayCall) parts.call.setAttribute("href", `tel:${person.phone}`);
    setText(parts.callText, `Call ${firstName(person.name)}`);
  }

  /** @param {number} now server time; everything that ages */
  tick(now) {
    const { alert, parts } = this;
    setText(parts.age, stopwatch(now - Date.parse(alert.raised_at)));
    const lines = alert.responders.map((responder) => `${responder.name} ${doing(responder, now)}`);
    redraw(parts.responders, lines, (line) => h("li", {}, icon("done"), line));
    redraw(parts.proof, proof(alert, now), ({ text, tone }) => h("li", { "data-tone": tone }, text));
  }

  /** @param {number|null} tries of a press that the server has not answered yet @param {boolean} isLive */
  waiting(tries, isLive) {
    show(this.parts.unsent, tries !== null);
    const late = isLive
      ? "The server has not taken it yet. Still trying: use the radio as well."
      : "Not sent yet: it goes out as soon as the network is back.";
    setText(this.parts.unsentText, isLive && (tries ?? 0) < 3 ? "Sending…" : late);
  }

  /** @param {Promise<Alert>} pressed */
  async #run(pressed) {
    const { trouble } = this.parts;
    show(trouble, false);
    try {
      this.around.put(await pressed);
    } catch (error) {
      setText(trouble, error instanceof Error ? error.message : String(error));
      show(trouble, true);
    }
  }
}
