/**
 * The calls as the events tell them. No document in here.
 *
 * Events may come late and twice: of two versions of a call the one with the higher `seq` is the newer. Contacts and
 * records come in the order of the stream, so the later one counts.
 */

/** As many as the server keeps, and some more for a long day without a new snapshot. */
const KEPT = 300;

/**
 * @typedef {object} Entry
 * @property {any} call
 * @property {any} contact what the matcher knows, or null
 * @property {any} record the record in Limbas, or null
 * @property {any} shown the numbers as people write them
 * @property {number} order higher is newer
 */

export class Calls {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  #count = 0;

  /** @returns {Entry[]} the newest first */
  get all() {
    return [...this.#entries.values()].filter((entry) => entry.call).sort((a, b) => b.order - a.order);
  }

  /** All that is known, for the `load` of somebody else: newest first, with what came before its call. */
  get picture() {
    return [...this.#entries]
      .sort(([, a], [, b]) => b.order - a.order)
      .map(([id, { call, contact, record, shown }]) => ({ id, call, contact, record, shown }));
  }

  /** Start over. @param {{calls: any[]}} snapshot newest first; from the server, or with the `picture` of another one */
  load(snapshot) {
    this.#entries.clear();
    for (const { id, call, contact, record, shown } of [...snapshot.calls].reverse()) {
      this.#entries.set(id ?? call.id, { call, contact, record, shown, order: this.#count++ });
    }
  }

  /**
   * Take in one event of the log.
   * @returns {Entry} what is known of its call now
   */
  apply(event) {
    const id = event.call?.id ?? event.call_id;
    const entry = this.#entries.get(id) ?? {
      call: null,
      contact: null,
      record: null,
      shown: null,
      order: this.#count++,
    };
    this.#entries.set(id, entry);
    if (event.call && (!entry.call || event.call.seq > entry.call.seq)) {
      entry.call = event.call;
      entry.shown = event.shown;
    } else if (event.type === "contact.resolved") {
      entry.contact = event;
    } else if (event.type === "call.recorded") {
      entry.record = event;
    }
    this.#trim();
    return entry;
  }

  #trim() {
    if (this.#entries.size <= KEPT) return;
    const over = [...this.#entries]
      .filter(([, entry]) => !isInProgress(entry))
      .sort(([, a], [, b]) => a.order - b.order)
      .slice(0, this.#entries.size - KEPT);
    for (const [id] of over) this.#entries.delete(id);
  }
}

/** @param {Entry} entry */
export function isInProgress(entry) {
  return entry.call !== null && entry.call.state !== "ended";
}
