/**
 * ClustR's client library for browsers: one live, provably complete feed of an estate, and commands that arrive.
 *
 *   const feed = openFeed({ estateId, memberId });
 *   feed.on("event", (frame, { isReplay }) => ...);
 *   await feed.command("emergency.alert.acknowledge", { id });
 *
 * The protocol is described in docs/realtime-protocol.md. No dependency, no build step.
 */
import { Connection } from "./connection.js";
import { Outbox } from "./outbox.js";
import { Positions } from "./positions.js";
import { Refused, Rest, Unreachable } from "./rest.js";
import { Typing } from "./typing.js";

export { Refused, Rest, Unreachable };

/**
 * @typedef {{estateId: string, memberId: string, resource?: (name: string, data: any) => Resource|null,
 *   refresh?: (entry: import("./outbox.js").Entry) => any,
 *   laneOf?: (entry: import("./outbox.js").Entry) => string}} FeedOptions
 * @typedef {{method?: string, path: string, body?: object}} Resource where a command's REST twin stands
 */
export class Feed {
  /** @param {FeedOptions} options */
  constructor({ estateId, memberId, resource = () => null, refresh, laneOf }) {
    this.rest = new Rest({ base: `/api/v1/estates/${estateId}/` });
    this.connection = new Connection({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/`,
      device: deviceId(),
      positions: new Positions({ storage: storageOrNull("sessionStorage"), key: `clustr.positions.${memberId}` }),
      getToken: async () => (await this.rest.call("POST", "realtime/tokens/")).token,
    });
    this.outbox = new Outbox({
      socket: this.connection,
      storage: storageOrNull("localStorage"),
      prefix: `clustr.outbox.${memberId}.`,
      refresh,
      laneOf,
      post: ({ name, data, key }) => {
        const twin = resource(name, data);
        if (!twin) return Promise.reject(new Unreachable(`${name} goes over the socket alone.`));
        return this.rest.call(twin.method ?? "POST", twin.path, { body: twin.body, key });
      },
    });
    this.typing = new Typing({ me: memberId, send: (frame) => this.connection.send(frame) });
    this.connection.on("member_typing", (frame) => this.typing.take(frame));
    window.addEventListener("online", () => this.outbox.nudge());
  }

  start() {
    this.connection.start();
    this.outbox.restore();
  }

  stop() {
    this.connection.stop();
  }

  /** @returns {Map<string, import("./presence.js").PersonHere>|null} who is here, by member id; null: not known */
  get presence() {
    return this.connection.presence.people;
  }

  /** @param {string} name @param {(...args: any[]) => void} listener */
  on(name, listener) {
    return this.connection.on(name, listener);
  }

  /**
   * @param {string} name e.g. "emergency.alert.raise"
   * @param {any} data
   * @param {string} [key] idempotency key; made here when absent
   * @returns {Promise<any>} the reply; pending for as long as there is no network
   */
  command(name, data, key = newId()) {
    return this.outbox.send(name, data, key);
  }

  /** A person has looked at everything of `topic` up to `offset`. @param {string} topic @param {number} offset */
  seen(topic, offset) {
    this.connection.receipts.note("seen", topic, offset);
  }
}

/** @param {FeedOptions} options */
export function openFeed(options) {
  return new Feed(options);
}

/** @returns {string} a random UUID, on plain http as well (`crypto.randomUUID` needs a secure page) */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** @returns {string} this browser's own name, the same for as long as its storage lives */
export function deviceId() {
  const storage = storageOrNull("localStorage");
  const known = storage?.getItem("clustr.device");
  if (known) return known;
  const made = newId();
  storage?.setItem("clustr.device", made);
  return made;
}

/** @param {"localStorage"|"sessionStorage"} kind @returns {Storage|null} null where the browser forbids it */
export function storageOrNull(kind) {
  try {
    window[kind].setItem("clustr.probe", "1");
    window[kind].removeItem("clustr.probe");
    return window[kind];
  } catch {
    return null;
  }
}
