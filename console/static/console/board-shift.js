import { $, setText, show } from "./dom.js";

/**
 * The shift: one large button that puts the guard on duty and is the touch which browsers ask for before they make a
 * sound. While an armed board is mute, it says so until somebody touches it.
 */
export class Shift {
  /**
   * @param {{feed: import("./clustr.js").Feed, alarm: import("./alarm.js").Alarm, awake: import("./awake.js").Awake,
   *   clock: {minutes: (at: string|number) => string}, mayTakeDuty: boolean, isOnDuty: boolean, onStart: () => void}} around
   */
  constructor({ feed, alarm, awake, clock, mayTakeDuty, isOnDuty, onStart }) {
    this.feed = feed;
    this.alarm = alarm;
    this.awake = awake;
    this.clock = clock;
    this.since = "";
    this.mayTakeDuty = mayTakeDuty;
    this.isOnDuty = isOnDuty;
    this.onStart = onStart;
    this.panel = $("#shift");
    this.trouble = $("#shift-trouble");
    $("#shift-start").addEventListener("click", () => this.#start());
    $("#shift-end").addEventListener("click", () => this.#end());
    $("#sound-on").addEventListener("click", () => this.#wakeSound());
    // Any touch will do to bring the sound back; the guard should not have to aim.
    document.addEventListener("pointerdown", () => alarm.state === "suspended" && alarm.arm());
    alarm.on("change", () => this.draw());
    this.draw();
  }

  draw() {
    const { state } = this.alarm;
    document.documentElement.dataset.sound = state;
    const isReady = state === "ready" || state === "alarm";
    const isStarted = this.isOnDuty || !this.mayTakeDuty;
    show(this.panel, !isStarted);
    show($("#sound-off"), isStarted && !isReady);
    show($("#shift-end"), this.mayTakeDuty && this.isOnDuty);
    const duty = this.isOnDuty && this.since ? ` You are on duty since ${this.clock.minutes(this.since)}.` : "";
    setText($("#readiness"), `${isReady ? "The alarm sound is on." : "The alarm sound is off."}${duty}`);
  }

  async refresh() {
    const { on_duty: people, me } = await this.feed.rest.call("GET", "duty/");
    this.isOnDuty = me !== null;
    this.since = me?.since ?? "";
    this.showPeople(people);
    this.draw();
  }

  /** @param {{member_id: string, name: string, since: string}[]} people */
  showPeople(people) {
    const list = $("#on-duty");
    const item = (/** @type {{name: string}} */ { name }) => Object.assign(document.createElement("li"), { textContent: name });
    list.replaceChildren(...people.map(item));
    show($("#on-duty-none"), people.length === 0);
    setText($("#on-duty-short"), people.length ? people.map(({ name }) => name).join(", ") : "nobody");
  }

  #start() {
    this.#wakeSound();
    this.#post(true);
  }

  #end() {
    this.#post(false);
    this.awake.keep(false);
  }

  #wakeSound() {
    this.alarm.arm();
    this.awake.keep(true);
    this.onStart();
  }

  /** @param {boolean} on */
  async #post(on) {
    show(this.trouble, false);
    try {
      await this.feed.rest.call("POST", "duty/", { body: { on } });
      this.isOnDuty = on;
      this.draw();
      await this.refresh();
    } catch (error) {
      setText(this.trouble, error instanceof Error ? error.message : String(error));
      show(this.trouble, true);
    }
  }
}
