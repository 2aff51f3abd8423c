import { Backoff, CLOSE_REVOKED, CLOSE_UNAUTHENTICATED, comesBack } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { HeadsCheck } from "./heads.js";
import { RecentIds } from "./positions.js";
import { Presence } from "./presence.js";
import { Receipts } from "./receipts.js";
import { Watch } from "./watch.js";

/** A connection attempt that has not been welcomed after this long is given up. */
const WELCOME_WITHIN_MS = 10_000;
/** How long the server may stay silent when asked "are you there?" after a sleep. */
const ANSWER_WITHIN_MS = 2500;
/** Close code of ours for a connection that has gone quiet. */
const CLOSE_QUIET = 4009;

/**
 * One socket kept alive: connect, prove that nothing was missed, notice silence, come back.
 *
 * Events: `status`, `welcome` (frame), `snapshot` (topics whose history could not be replayed), `event` (frame,
 * {isReplay}), `caught-up` (how many were replayed), `presence` (who is here, or null), `member_typing` (frame), `reply` and
 * `error` (frame), `lost`.
 *
 * @typedef {import("./positions.js").Positions} Positions
 * @typedef {{url: string, device: string, positions: Positions, getToken: () => Promise<string>,
 *   makeSocket?: (url: string) => WebSocket, random?: () => number}} Options
 */
export class Connection extends Emitter {
  /** @type {import("./status.js").State} */
  state = "idle";
  /** @type {number|null} */
  heardAt = null;
  /** @type {number|null} */
  lostAt = null;
  startedAt = Date.now();
  heartbeatMs = 10_000;
  isOnline = navigator.onLine;
  presence = new Presence();

  /** @type {WebSocket|null} */
  #socket = null;
  #resumeToken = "";
  #isFreshTokenRefused = false;
  #isUsingResume = false;
  #openedAt = 0;
  #liveSince = 0;
  #attempt = 0;
  #ref = 0;
  /** @type {Record<string, number>} */
  #replayTo = {};
  #replayed = 0;
  #isCatchingUp = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #retry;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #answerBy;
  #ids = new RecentIds();
  /** @type {HeadsCheck} */
  #heads;

  /** @param {Options} options */
  constructor({ url, device, positions, getToken, makeSocket = (address) => new WebSocket(address), random }) {
    super();
    this.url = url;
    this.device = device;
    this.positions = positions;
    this.#heads = new HeadsCheck(positions, () => this.#lose());
    this.getToken = getToken;
    this.makeSocket = makeSocket;
    this.backoff = new Backoff({ random });
    this.receipts = new Receipts({ send: (frame) => this.send(frame) });
    this.watch = new Watch({
      onWake: () => this.wake(),
      onTick: () => this.#tick(),
      onHide: () => this.positions.flush(),
      onNetwork: (isOnline) => {
        this.isOnline = isOnline;
        this.emit("status", this.state);
        this.wake();
      },
    });
  }

  get isLive() {
    return this.state === "live";
  }

  start() {
    this.startedAt = Date.now();
    this.watch.start();
    this.#open();
  }

  stop() {
    this.watch.stop();
    clearTimeout(this.#retry);
    this.#attempt += 1;
    this.#drop();
    this.#become("stopped");
  }

  /** @param {object} frame @returns {boolean} whether it was handed to a live connection */
  send(frame) {
    if (!this.isLive || !this.#socket) return false;
    return this.#write(frame);
  }

  /** @returns {string} a reference for the next frame, unique on this page */
  nextRef() {
    this.#ref += 1;
    return String(this.#ref);
  }

  /** Something suggests that time has passed or the network has changed: find out now instead of at the next timer. */
  wake() {
    if (this.state === "waiting") {
      this.backoff.reset();
      this.#open();
    } else if (this.state === "live") {
      this.#demandAnswer();
    } else if (this.state === "connecting" && Date.now() - this.#openedAt > 3000) {
      this.#lose();
    }
  }

  /** @param {object} frame */
  #write(frame) {
    try {
      /** @type {WebSocket} */ (this.#socket).send(JSON.stringify(frame));
      return true;
    } catch {
      return false;
    }
  }

  /** @param {import("./status.js").State} state */
  #become(state) {
    this.state = state;
    this.emit("status", state);
  }

  async #open() {
    clearTimeout(this.#retry);
    this.#drop();
    const attempt = (this.#attempt += 1);
    this.#openedAt = Date.now();
    this.#become("connecting");
    this.#isUsingResume = this.#resumeToken !== "";
    /** @type {object} */
    let credentials = { resume_token: this.#resumeToken };
    if (!this.#isUsingResume) {
      try {
        credentials = { token: await this.getToken() };
      } catch (error) {
        if (attempt === this.#attempt) this.#tokenRefused(/** @type {any} */ (error));
        return;
      }
    }
    if (attempt !== this.#attempt) return;
    const socket = (this.#socket = this.makeSocket(this.url));
    socket.onopen = () => {
      const topics = this.positions.isEmpty ? undefined : this.positions.toFrame();
      this.#write({ type: "connect", ref: this.nextRef(), device: this.device, ...credentials, topics });
    };
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  /** @param {{status?: number}} error */
  #tokenRefused(error) {
    if (error.status === 401 || error.status === 403) this.#become("signed_out");
    else if (error.status === 404) this.#become("revoked");
    else this.#retryLater();
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop();
    if (code === CLOSE_UNAUTHENTICATED) {
      const mayAskAgain = this.#isUsingResume || !this.#isFreshTokenRefused;
      if (!this.#isUsingResume) this.#isFreshTokenRefused = true;
      this.#resumeToken = "";
      this.#mark();
      if (mayAskAgain) this.#open();
      else this.#become("signed_out");
    } else if (comesBack(code)) {
      this.#lose();
    } else {
      this.#mark();
      this.#become(code === CLOSE_REVOKED ? "revoked" : "stopped");
    }
  }

  /** Lets go of the socket without waiting for its closing handshake, which over a dead network takes minutes. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#heads.stop();
    clearTimeout(this.#answerBy);
    this.#answerBy = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try {
      socket.close(CLOSE_QUIET);
    } catch {
      // Still connecting, in a browser that refuses a code then: it is garbage either way.
    }
  }

  #mark() {
    if (this.state === "live") this.lostAt = this.heardAt;
    this.#isCatchingUp = false;
    if (this.presence.forget()) this.#tellPresence();
    this.emit("lost");
  }

  #lose() {
    this.#drop();
    // Coming back at once is right after an hour of peace and wrong in a loop: only a connection that lasted resets.
    if (this.#liveSince && Date.now() - this.#liveSince > 10_000) this.backoff.reset();
    this.#liveSince = 0;
    this.#mark();
    this.#retryLater();
  }

  #retryLater() {
    this.#become("waiting");
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), this.backoff.next());
  }

  /** @param {string} text */
  #hear(text) {
    this.heardAt = Date.now();
    clearTimeout(this.#answerBy);
    this.#answerBy = undefined;
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    if (frame.type === "event") this.#event(frame);
    else if (frame.type === "heartbeat") this.#heartbeat(frame.heads ?? {});
    else if (frame.type === "welcome") this.#welcome(frame);
    else if (frame.type === "subscriptions") this.#subscriptions(frame);
    else if (frame.type === "presence_state" || frame.type === "presence_diff") this.#presence(frame);
    else if (["reply", "error", "member_typing"].includes(frame.type)) this.emit(frame.type, frame);
  }

  /** @param {any} frame */
  #welcome(frame) {
    this.#isFreshTokenRefused = false;
    this.#resumeToken = frame.resume_token ?? "";
    this.heartbeatMs = (frame.heartbeat_s ?? 10) * 1000;
    this.#liveSince = Date.now();
    const lost = this.positions.welcome(frame.topics);
    this.receipts.forget(lost);
    this.#replayTo = Object.fromEntries(Object.entries(frame.topics).map(([topic, { head }]) => [topic, head]));
    this.#replayed = 0;
    this.#isCatchingUp = true;
    this.#become("live");
    this.emit("welcome", frame);
    // What the welcome itself carries has arrived on this device, and what was replayed to us before has too.
    for (const [topic, offset] of Object.entries(this.positions.offsets())) this.receipts.note("received", topic, offset);
    this.receipts.repeat();
    if (lost.length) this.emit("snapshot", lost);
    this.#checkCaughtUp();
  }

  /** @param {any} frame what this member may hear has changed */
  #subscriptions({ joined, left, resume_token }) {
    this.#resumeToken = resume_token;
    this.positions.change(joined, left);
    const topics = Object.keys(joined);
    this.receipts.forget([...topics, ...left]);
    for (const topic of topics) this.receipts.note("received", topic, joined[topic].head);
    if (topics.length) this.emit("snapshot", topics);
    if (this.presence.leave(left)) this.#tellPresence();
  }

  /** @param {any} frame */
  #presence(frame) {
    if (frame.type === "presence_state") this.presence.state(frame);
    else if (!this.presence.diff(frame)) return;
    this.#tellPresence();
  }

  #tellPresence() {
    this.emit("presence", this.presence.people);
  }

  /** @param {any} frame */
  #event(frame) {
    const verdict = this.positions.take(frame.topic, frame.offset);
    if (verdict === "gap") {
      this.#lose();
      return;
    }
    if (verdict === "old") return;
    const isReplay = this.#isCatchingUp && frame.offset <= (this.#replayTo[frame.topic] ?? -1);
    if (this.#ids.add(frame.id)) {
      if (isReplay) this.#replayed += 1;
      this.emit("event", frame, { isReplay });
    }
    this.receipts.note("received", frame.topic, frame.offset);
    if (isReplay) this.#checkCaughtUp();
  }

  #checkCaughtUp() {
    if (!this.#isCatchingUp || this.positions.behind(this.#replayTo).length) return;
    this.#isCatchingUp = false;
    this.emit("caught-up", this.#replayed);
  }

  /** @param {Record<string, number>} heads */
  #heartbeat(heads) {
    this.#write({ type: "ping", ref: this.nextRef() });
    this.#heads.compare(heads);
  }

  #demandAnswer() {
    if (this.#answerBy) return;
    this.#answerBy = setTimeout(() => this.#lose(), ANSWER_WITHIN_MS);
    this.#write({ type: "ping", ref: this.nextRef() });
  }

  #tick() {
    if (this.state === "connecting" && Date.now() - this.#openedAt > WELCOME_WITHIN_MS) this.#lose();
    else if (this.state === "live" && Date.now() - (this.heardAt ?? 0) > this.heartbeatMs * 2.2) this.#lose();
    this.emit("tick");
  }
}
