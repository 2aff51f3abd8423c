/** The topic whose audience is told who is here. */
const AUDIENCE = ".guards";

/**
 * Who guards the estate and is here, as the server tells it to those who may see it. Unknown until it was said, and
 * again from each break on: it is told anew after every welcome.
 *
 * @typedef {{device: string, since: string, post: {id: string, name: string}|null}} DeviceMeta
 * @typedef {{name: string, metas: DeviceMeta[]}} PersonHere
 */
export class Presence {
  /** @type {Map<string, PersonHere>|null} by member id; null while it is not known */
  people = null;
  /** Devices that are here and not listed. */
  unlisted = 0;

  /** @param {{present: Record<string, PersonHere>, unlisted?: number}} frame the whole */
  state({ present, unlisted }) {
    this.people = new Map(Object.entries(present));
    this.unlisted = unlisted ?? 0;
  }

  /**
   * @param {{joins: Record<string, PersonHere>, leaves: Record<string, PersonHere>, unlisted?: number}} frame
   * @returns {boolean} whether it says anything here: a change of what is not known does not
   */
  diff({ joins, leaves, unlisted }) {
    if (!this.people) return false;
    for (const [id, { name, metas }] of Object.entries(leaves)) this.#put(id, name, this.#without(id, metas));
    for (const [id, { name, metas }] of Object.entries(joins)) {
      this.#put(id, name, [...this.#without(id, metas), ...metas]);
    }
    this.unlisted = unlisted ?? 0;
    return true;
  }

  /** @returns {boolean} whether anything was known */
  forget() {
    const wasKnown = this.people !== null;
    this.people = null;
    this.unlisted = 0;
    return wasKnown;
  }

  /** @param {string[]} topics that are not heard any more @returns {boolean} whether that made it unknown */
  leave(topics) {
    return topics.some((topic) => topic.endsWith(AUDIENCE)) && this.forget();
  }

  /** @param {string} id @param {DeviceMeta[]} gone */
  #without(id, gone) {
    return (this.people?.get(id)?.metas ?? []).filter(({ device }) => !gone.some((one) => one.device === device));
  }

  /** @param {string} id @param {string} name @param {DeviceMeta[]} metas */
  #put(id, name, metas) {
    if (metas.length) this.people?.set(id, { name, metas });
    else this.people?.delete(id);
  }
}
