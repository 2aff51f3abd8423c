/**
 * Where this page stands in each topic's log. The server sends offsets without gaps, so "the next one" is the proof
 * that nothing was missed, and a jump is the proof that something was.
 *
 * @typedef {{offset: number, epoch: string}} Position
 * @typedef {{head: number, epoch: string, recovered: boolean}} TopicState
 */
export class Positions {
  /** @type {Map<string, Position>} */
  #known = new Map();
  #saving = false;

  /** @param {{storage?: Storage|null, key?: string}} [options] kept across a reload of the tab when a storage is given */
  constructor({ storage = null, key = "clustr.positions" } = {}) {
    this.storage = storage;
    this.key = key;
    this.#load();
  }

  get isEmpty() {
    return this.#known.size === 0;
  }

  /** @returns {Record<string, Position>} what the connect frame carries */
  toFrame() {
    // A topic joined on the way has no epoch yet: there is nothing to resume from before a welcome has named it.
    return Object.fromEntries([...this.#known].filter(([, position]) => position.epoch !== ""));
  }

  /** @returns {Record<string, number>} topic -> offset, what a receipt carries */
  offsets() {
    return Object.fromEntries([...this.#known].map(([topic, position]) => [topic, position.offset]));
  }

  /** @param {string} topic @returns {number|undefined} */
  offset(topic) {
    return this.#known.get(topic)?.offset;
  }

  /**
   * Takes over what the welcome says, and answers the topics whose history could not be replayed: for these the page
   * reads a snapshot. The position is taken first, so whatever happens during the reading still arrives as an event.
   *
   * @param {Record<string, TopicState>} topics
   * @returns {string[]}
   */
  welcome(topics) {
    const lost = [];
    for (const [topic, { head, epoch, recovered }] of Object.entries(topics)) {
      const mine = this.#known.get(topic);
      if (mine && recovered && mine.epoch === epoch) continue;
      if (mine) lost.push(topic);
      this.#known.set(topic, { offset: head, epoch });
    }
    for (const topic of this.#known.keys()) {
      // No longer ours to hear (a role ended): asking for it again would only be refused again.
      if (!(topic in topics)) this.#known.delete(topic);
    }
    this.#save();
    return lost;
  }

  /**
   * Topics come and go while connected. For those that come the page reads a snapshot; the position is taken first.
   *
   * @param {Record<string, TopicState>} joined
   * @param {string[]} left
   */
  change(joined, left) {
    for (const topic of left) this.#known.delete(topic);
    for (const [topic, { head, epoch }] of Object.entries(joined)) this.#known.set(topic, { offset: head, epoch });
    this.#save();
  }

  /**
   * @param {string} topic
   * @param {number} offset
   * @returns {"next"|"old"|"gap"} "gap": something before this was missed; nothing is taken
   */
  take(topic, offset) {
    const mine = this.#known.get(topic);
    if (mine && offset <= mine.offset) return "old";
    if (mine && offset > mine.offset + 1) return "gap";
    // A topic joined while connected (a new role) has no position yet: its first frame is where we begin.
    this.#known.set(topic, { offset, epoch: mine?.epoch ?? "" });
    this.#save();
    return "next";
  }

  /**
   * @param {Record<string, number>} heads as a heartbeat carries them
   * @returns {string[]} topics in which the server is further than we are
   */
  behind(heads) {
    return Object.keys(heads).filter((topic) => {
      const mine = this.offset(topic);
      return mine !== undefined && mine < heads[topic];
    });
  }

  /** Writes at once: for `pagehide`, when no later moment may come. */
  flush() {
    this.#saving = false;
    try {
      this.storage?.setItem(this.key, JSON.stringify(this.toFrame()));
    } catch {
      // Storage full or forbidden: the positions live in memory alone and a reload reads a snapshot.
    }
  }

  #save() {
    if (!this.storage || this.#saving) return;
    this.#saving = true;
    setTimeout(() => this.#saving && this.flush(), 200);
  }

  #load() {
    try {
      const kept = JSON.parse(this.storage?.getItem(this.key) ?? "{}");
      this.#known = new Map(Object.entries(kept));
    } catch {
      this.#known = new Map();
    }
  }
}

/** The ids seen lately: the same event may come on two topics, or twice around a reconnect. */
export class RecentIds {
  /** @type {Set<string>} */
  #ids = new Set();

  /** @param {number} [most] how many are remembered */
  constructor(most = 2000) {
    this.most = most;
  }

  /** @param {string} id @returns {boolean} true when it is new */
  add(id) {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.most) this.#ids.delete(/** @type {string} */ (this.#ids.values().next().value));
    return true;
  }
}
