import { Emitter } from "./emitter.js";

/** How often the server is told that somebody here goes on writing. */
const SAID_EVERY_MS = 2500;

/**
 * Who is writing about what: of ourselves it is said now and then, of others it is known for as long as the server said.
 * Events: `change` (kind, id).
 *
 * @typedef {{topic: string, subject: {kind: string, id: string}, member_id: string, name: string, lasts_s: number}} Frame
 */
export class Typing extends Emitter {
  /** @type {Map<string, number>} when it was said of us */
  #said = new Map();
  /** @type {Map<string, Map<string, {name: string, timer: ReturnType<typeof setTimeout>}>>} by subject, then member id */
  #others = new Map();

  /** @param {{me: string, send: (frame: object) => boolean}} options `me`: our own member id */
  constructor({ me, send }) {
    super();
    this.me = me;
    this.send = send;
  }

  /** A person here is writing; to be called at each key. @param {string} kind @param {string} id */
  note(kind, id) {
    const subject = `${kind} ${id}`;
    const now = Date.now();
    if (now - (this.#said.get(subject) ?? -SAID_EVERY_MS) < SAID_EVERY_MS) return;
    if (this.send({ type: "typing", subject: { kind, id } })) this.#said.set(subject, now);
  }

  /** What was written has gone out: the next key is news again. @param {string} kind @param {string} id */
  sent(kind, id) {
    this.#said.delete(`${kind} ${id}`);
  }

  /** @param {Frame} frame */
  take({ subject: { kind, id }, member_id, name, lasts_s }) {
    if (member_id === this.me) return;
    const people = this.#others.get(`${kind} ${id}`) ?? new Map();
    clearTimeout(people.get(member_id)?.timer);
    const timer = setTimeout(() => this.stopped(kind, id, member_id), lasts_s * 1000);
    this.#others.set(`${kind} ${id}`, people.set(member_id, { name, timer }));
    this.emit("change", kind, id);
  }

  /** He does not write any more: what he wrote has come. @param {string} kind @param {string} id @param {string} memberId */
  stopped(kind, id, memberId) {
    const people = this.#others.get(`${kind} ${id}`);
    clearTimeout(people?.get(memberId)?.timer);
    if (!people?.delete(memberId)) return;
    if (!people.size) this.#others.delete(`${kind} ${id}`);
    this.emit("change", kind, id);
  }

  /** @param {string} kind @param {string} id @returns {string[]} names of the others who are writing about it */
  of(kind, id) {
    return [...(this.#others.get(`${kind} ${id}`)?.values() ?? [])].map(({ name }) => name);
  }
}
