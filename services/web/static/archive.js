/** The calls beyond those that the event stream brings: what the server finds, a page at a time. */

/** Typing goes on for so long, in milliseconds, before the server is asked. */
const TYPING = 250;

export class Archive {
  #api;
  #onChange;
  #query = { mine: false, missed: false, q: "" };
  /** @type {Map<string, import("./client/calls.js").Entry>} */
  #found = new Map();
  #next = null;
  #begun = false;
  #asking = null;
  #timer = 0;

  /** Whether the last question found no answer. */
  failed = false;

  /** @param {import("./api.js").Api} api @param {() => void} onChange there is more to show, or nothing comes */
  constructor(api, onChange) {
    this.#api = api;
    this.#onChange = onChange;
  }

  /** What was found, newest first. */
  get all() {
    return [...this.#found.values()];
  }

  /** Whether the server has been asked for all that there is. */
  get exhausted() {
    return this.#begun && this.#next === null && !this.failed;
  }

  get busy() {
    return this.#asking !== null || this.#timer !== 0;
  }

  /** Look for something else. @param {{mine: boolean, missed: boolean, q: string}} query */
  look(query) {
    const typed = query.q !== this.#query.q;
    this.#asking?.abort();
    clearTimeout(this.#timer);
    this.#query = query;
    this.#found.clear();
    this.#next = this.#asking = null;
    this.#timer = 0;
    this.#begun = this.failed = false;
    // All calls are shown by the event stream first, and asked for when somebody wants more.
    if (query.q || query.missed) this.#timer = setTimeout(() => this.#ask(() => true), typed ? TYPING : 0);
  }

  /** Fetch until something comes that is not among `known`, or there is no more. @param {(id: string) => boolean} known */
  async more(known) {
    if (!this.busy && !this.exhausted) await this.#ask((entry) => !known(entry.call.id));
  }

  /** Take in an event about one of these calls. */
  apply(event) {
    const entry = this.#found.get(event.call?.id ?? event.call_id);
    if (!entry) return;
    if (event.call?.seq > entry.call.seq) Object.assign(entry, { call: event.call, shown: event.shown });
    else if (event.type === "contact.resolved") entry.contact = event;
    else if (event.type === "call.recorded") entry.record = event;
  }

  async #ask(isEnough) {
    this.#timer = 0;
    const asking = (this.#asking = new AbortController());
    this.#onChange();
    try {
      for (let found = []; !found.some(isEnough) && !(this.#begun && this.#next === null); ) {
        const page = await this.#api.calls(this.#query, this.#next, asking.signal);
        if (this.#asking !== asking) return;
        this.#begun = true;
        this.#next = page.next;
        found = page.calls;
        for (const entry of found) this.#found.set(entry.call.id, entry);
      }
      this.failed = false;
    } catch {
      if (this.#asking !== asking) return;
      this.failed = true;
    }
    this.#asking = null;
    this.#onChange();
  }
}
