import { Backoff } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { Refused } from "./rest.js";

/** How long a command waits for the socket to come up before it goes by REST. */
const SOCKET_WITHIN_MS = 1000;
/** How long a command sent over the socket waits for its reply before it is sent by REST as well: the key makes it one. */
const REPLY_WITHIN_MS = 2500;
/** A server that asks for patience (`Retry-After`) is given this much at most. */
const LONGEST_ASKED_MS = 60_000;
/** A command found in storage that is older than this is not sent without asking. */
const STALE_AFTER_MS = 10 * 60_000;

/**
 * A command that was pressed is kept until the server has answered it: through a dead network, a reload, a crash of the
 * tab. The idempotency key makes sending twice harmless, so "perhaps it arrived" is always answered by sending again.
 *
 * Commands of one lane (by default: about the same subject, `data.id`) go one after the other; lanes do not wait for each
 * other.
 *
 * Events: `change` (entries still waiting), `refused` (entry, error), `stale` (entries of an earlier page, not sent).
 *
 * @typedef {{key: string, name: string, data: any, at: number, tries: number, isSent: boolean, notBefore?: number}} Entry
 * @typedef {{isLive: boolean, nextRef: () => string, send: (frame: object) => boolean,
 *   on: (name: string, listener: (...args: any[]) => void) => () => void}} Socket
 * @typedef {{socket: Socket, post: (entry: Entry) => Promise<any>, storage?: Storage|null, prefix?: string,
 *   refresh?: (entry: Entry) => any, laneOf?: (entry: Entry) => string, random?: () => number}} Options
 *   `post` sends by REST; `refresh` answers the data as it should be sent now (a countdown has gone on meanwhile)
 */
export class Outbox extends Emitter {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Map<string, {resolve: (data: any) => void, reject: (error: Error) => void}>} */
  #promises = new Map();
  /** @type {Map<string, Promise<void>>} lane -> the end of its queue */
  #lanes = new Map();
  /** @type {Map<string, (frame: any) => void>} */
  #replies = new Map();
  /** @type {Set<() => void>} */
  #sleepers = new Set();

  /** @param {Options} options */
  constructor({ socket, post, storage = null, prefix = "clustr.outbox.", refresh = (entry) => entry.data, laneOf = bySubject, random }) {
    super();
    this.laneOf = laneOf;
    this.socket = socket;
    this.post = post;
    this.storage = storage;
    this.prefix = prefix;
    this.refresh = refresh;
    this.random = random;
    for (const kind of ["reply", "error"]) socket.on(kind, (frame) => this.#replies.get(frame.ref)?.(frame));
    socket.on("welcome", () => this.nudge());
    socket.on("lost", () => {
      // A reply that was on its way will not come any more.
      for (const answer of [...this.#replies.values()]) answer(null);
    });
  }

  /** @returns {Entry[]} what the server has not answered yet, oldest first */
  get waiting() {
    return [...this.#entries.values()].sort((a, b) => a.at - b.at);
  }

  /**
   * @param {string} name
   * @param {any} data
   * @param {string} key the idempotency key
   * @returns {Promise<any>} the reply's data
   * @throws {Error} when the server refuses for good
   */
  send(name, data, key) {
    return this.#queue({ key, name, data, at: Date.now(), tries: 0, isSent: false });
  }

  /**
   * Takes a command back.
   * @param {string} key
   * @returns {boolean} true when it never left this device, so that nothing else need be done
   */
  withdraw(key) {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    this.#forget(entry);
    this.#promises.get(key)?.reject(new Error("Taken back."));
    this.#promises.delete(key);
    this.nudge();
    return !entry.isSent;
  }

  /** Finds what an earlier page could not send, and sends it, unless it is so old that a person should decide. */
  restore() {
    const found = this.#stored().sort((a, b) => a.at - b.at);
    const isStale = (/** @type {Entry} */ entry) => Date.now() - entry.at > STALE_AFTER_MS;
    for (const entry of found) if (!isStale(entry)) this.#queue(entry).catch(() => undefined);
    const stale = found.filter(isStale);
    if (stale.length) this.emit("stale", stale);
    return found.length - stale.length;
  }

  /** @param {Entry} entry what `stale` handed over @param {boolean} isWanted */
  decide(entry, isWanted) {
    if (isWanted) this.#queue({ ...entry, at: Date.now() }).catch(() => undefined);
    else this.storage?.removeItem(this.prefix + entry.key);
  }

  /** Something changed (network back, socket up): whoever waits tries now. */
  nudge() {
    for (const wake of [...this.#sleepers]) wake();
  }

  /** @param {Entry} entry @returns {Promise<any>} */
  #queue(entry) {
    this.#entries.set(entry.key, entry);
    this.#store(entry);
    const answer = new Promise((resolve, reject) => this.#promises.set(entry.key, { resolve, reject }));
    const lane = this.laneOf(entry);
    const before = this.#lanes.get(lane) ?? Promise.resolve();
    const after = before.then(() => this.#deliver(entry)).finally(() => {
      if (this.#lanes.get(lane) === after) this.#lanes.delete(lane);
    });
    this.#lanes.set(lane, after);
    this.emit("change", this.waiting);
    return answer;
  }

  /** @param {Entry} entry */
  async #deliver(entry) {
    const backoff = new Backoff({ firstMs: 1000, mostMs: 10_000, random: this.random });
    const isWaiting = () => this.#entries.get(entry.key) === entry;
    while (isWaiting()) {
      let outcome = await this.#bySocket(entry);
      if (!isWaiting()) return;
      outcome ??= await this.#byRest(entry);
      if (!isWaiting()) return;
      if (outcome) this.#settle(entry, outcome);
      else await this.#sleep(Math.max(backoff.next(), (entry.notBefore ?? 0) - Date.now()));
    }
  }

  /** @param {Entry} entry @returns {Promise<{data?: any, error?: Error}|null>} null: no answer, try another way */
  async #bySocket(entry) {
    if (!this.socket.isLive && entry.tries === 0) await this.#sleep(SOCKET_WITHIN_MS);
    if (!this.#entries.has(entry.key)) return null;
    const ref = this.socket.nextRef();
    const sent = { type: "command", ref, name: entry.name, data: this.refresh(entry), key: entry.key };
    if (!this.socket.isLive || !this.socket.send(sent)) return null;
    this.#tried(entry);
    const frame = await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), REPLY_WITHIN_MS);
      this.#replies.set(ref, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
    this.#replies.delete(ref);
    if (frame?.type === "reply") return { data: frame.data };
    if (frame?.type === "error" && !frame.temporary) {
      return { error: new Refused(0, { code: frame.code, detail: frame.message, errors: frame.errors }) };
    }
    return null;
  }

  /** @param {Entry} entry @returns {Promise<{data?: any, error?: Error}|null>} */
  async #byRest(entry) {
    this.#tried(entry);
    try {
      return { data: await this.post({ ...entry, data: this.refresh(entry) }) };
    } catch (error) {
      // Signed out is not a refusal of this command: it goes out after the next sign-in.
      if (error instanceof Refused && !error.temporary && error.status !== 401) return { error };
      if (error instanceof Refused) entry.notBefore = Date.now() + Math.min(error.retryAfterS * 1000, LONGEST_ASKED_MS);
      return null;
    }
  }

  /** @param {Entry} entry @param {{data?: any, error?: Error}} outcome */
  #settle(entry, outcome) {
    const promise = this.#promises.get(entry.key);
    this.#promises.delete(entry.key);
    this.#forget(entry);
    if (outcome.error) {
      this.emit("refused", entry, outcome.error);
      promise?.reject(outcome.error);
    } else {
      promise?.resolve(outcome.data);
    }
  }

  /** @param {number} ms at most: a nudge ends it */
  #sleep(ms) {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve(undefined);
      };
      const timer = setTimeout(wake, ms);
      this.#sleepers.add(wake);
    });
  }

  /** @param {Entry} entry */
  #tried(entry) {
    entry.tries += 1;
    entry.isSent = true;
    this.#store(entry);
    this.emit("change", this.waiting);
  }

  /** @param {Entry} entry */
  #forget(entry) {
    this.#entries.delete(entry.key);
    this.storage?.removeItem(this.prefix + entry.key);
    this.emit("change", this.waiting);
  }

  /** @param {Entry} entry */
  #store(entry) {
    try {
      this.storage?.setItem(this.prefix + entry.key, JSON.stringify(entry));
    } catch {
      // No room: it lives as long as the page.
    }
  }

  /** @returns {Entry[]} */
  #stored() {
    if (!this.storage) return [];
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage?.key(index) ?? "");
    return keys
      .filter((key) => key.startsWith(this.prefix) && !this.#entries.has(key.slice(this.prefix.length)))
      .flatMap((key) => {
        try {
          return [JSON.parse(this.storage?.getItem(key) ?? "")];
        } catch {
          this.storage?.removeItem(key);
          return [];
        }
      });
  }
}

/** @param {Entry} entry @returns {string} */
export function bySubject(entry) {
  return entry.data?.id ?? entry.key;
}
