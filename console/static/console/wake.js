import { $, setText, show } from "./dom.js";
import { say } from "./page.js";

/**
 * "Wake this device": asks the browser's permission (from the touch, or it is refused), subscribes at its push service
 * and tells the server. `state` says it in one word.
 *
 * @typedef {"asking"|"on"|"off"|"blocked"|"impossible"} State
 */
export class WakeSwitch {
  /** @param {import("./clustr.js").Feed} feed @param {string} member whose switch it is: a tablet is shared */
  constructor(feed, member) {
    this.rest = feed.rest;
    this.device = feed.connection.device;
    this.memory = `clustr.wake.${member}`;
    this.key = "";
    /** @type {State} */
    this.state = "asking";
    this.box = /** @type {HTMLInputElement} */ ($("#wake"));
    this.trouble = $("#wake-trouble");
    this.box.addEventListener("change", () => this.#turn(this.box.checked));
    navigator.permissions
      ?.query({ name: "notifications" })
      .then((permission) => (permission.onchange = () => this.refresh()))
      .catch(() => undefined);
    this.refresh();
  }

  /** Looks how it stands, and renews what the server has: a new sign-in, or an address that the browser has changed. */
  async refresh() {
    const missing = lacking();
    if (missing) return this.#show("impossible", missing);
    try {
      const { public_key, devices } = await this.rest.call("GET", "push-subscription/");
      if (!public_key) return this.#show("impossible", "This ClustR has no key for it; its operator makes one.");
      this.key = public_key;
      if (Notification.permission === "denied") return this.#show("blocked");
      const isWanted = remembered(this.memory) || devices.some((/** @type {{device: string}} */ { device }) => device === this.device);
      if (Notification.permission !== "granted" || !isWanted) return this.#show("off");
      await this.#keep();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {boolean} isWanted */
  async #turn(isWanted) {
    show(this.trouble, false);
    this.box.disabled = true;
    try {
      if (isWanted) await this.#turnOn();
      else await this.#turnOff();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #turnOn() {
    // Before anything else is waited for: a browser asks only while the touch is fresh.
    const answer = await Notification.requestPermission();
    if (answer !== "granted") return this.#show(answer === "denied" ? "blocked" : "off");
    await this.#keep();
    say("This device is woken from now on.");
  }

  async #turnOff() {
    remember(this.memory, false);
    await this.rest.call("DELETE", `push-subscription/?device=${encodeURIComponent(this.device)}`).catch((error) => {
      if (error.status !== 404) throw error;
    });
    this.#show("off");
    say("This device is not woken any more.");
  }

  async #keep() {
    const { pushManager } = await navigator.serviceWorker.ready;
    const old = await pushManager.getSubscription();
    const isOurs = old && isFor(old, this.key);
    if (old && !isOurs) await old.unsubscribe();
    const options = { userVisibleOnly: true, applicationServerKey: bytes(this.key) };
    const subscription = isOurs ? old : await pushManager.subscribe(options);
    await this.rest.call("PUT", "push-subscription/", { body: { device: this.device, subscription: subscription.toJSON() } });
    remember(this.memory, true);
    this.#show("on");
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#show(this.state === "on" ? "on" : "off");
    setText(this.trouble, error instanceof Error ? wordsFor(error) : String(error));
    show(this.trouble, true);
  }

  /** @param {State} state @param {string} [why] */
  #show(state, why = "") {
    this.state = state;
    this.box.checked = state === "on";
    this.box.disabled = state === "blocked" || state === "impossible";
    document.documentElement.dataset.wake = state;
    setText($("#wake-state"), WORDS[state] + (why ? ` ${why}` : ""));
  }
}

/** @type {Record<State, string>} */
const WORDS = {
  asking: "Not known yet.",
  on: "On. An SOS for you wakes this device, also when this page is closed.",
  off: "Off. While this page is closed, this device stays asleep.",
  blocked: "Blocked by this browser. Allow notifications for this site in its settings, then come back.",
  impossible: "Not possible here.",
};

/** @returns {string} why this browser cannot; empty where it can */
function lacking() {
  if (!window.isSecureContext) return "It needs an https address.";
  if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) return "";
  const isApple = /iPhone|iPad/.test(navigator.userAgent);
  return isApple ? "Add ClustR to the Home Screen first, and open it from there." : "This browser takes no push messages.";
}

/** Whoever wanted it gets it again with his next sign-in on this device. @param {string} name */
function remembered(name) {
  try {
    return localStorage.getItem(name) === "on";
  } catch {
    return false;
  }
}

/** @param {string} name @param {boolean} isOn */
function remember(name, isOn) {
  try {
    if (isOn) localStorage.setItem(name, "on");
    else localStorage.removeItem(name);
  } catch {
    // No storage: the server's own list says it for as long as the sign-in holds.
  }
}

/** Another key than it was made with: nothing that we send would be taken. @param {PushSubscription} subscription @param {string} key */
function isFor(subscription, key) {
  const own = subscription.options.applicationServerKey;
  return !own || text(new Uint8Array(own)) === key;
}

/** @param {Error} error */
function wordsFor(error) {
  return error.name === "AbortError" ? "The browser's push service cannot be reached. Try again later." : error.message;
}

/** @param {string} base64url */
function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

/** @param {Uint8Array} raw */
function text(raw) {
  return btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Takes a call off this device's screen: its person has seen on the page what became of it. @param {string} tag */
export async function putAway(tag) {
  const registration = await navigator.serviceWorker?.getRegistration("/").catch(() => undefined);
  for (const notice of (await registration?.getNotifications({ tag })) ?? []) notice.close();
}
