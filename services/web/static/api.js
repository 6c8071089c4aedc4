/** Asks the web service for what the event stream does not bring: older calls, searches, and "this is …". */

export class Api {
  #token;

  /** @param {() => string} token the newest one */
  constructor(token) {
    this.#token = token;
  }

  /**
   * A page of calls, newest first. Names and numbers never go into an address, so a search is posted.
   * @param {object} which
   * @param {boolean} which.mine
   * @param {boolean} which.missed
   * @param {string} which.q empty: all
   * @param {string | null} before where the page before ended
   * @param {AbortSignal} signal
   * @returns {Promise<{calls: any[], next: string | null}>}
   */
  async calls({ mine, missed, q }, before, signal) {
    const which = {
      calls: mine ? "mine" : "all",
      ...(missed && { outcome: "missed", direction: "inbound" }),
      ...(before && { before }),
    };
    if (q) return this.#ask("api/calls/search", { signal, ...posted({ ...which, q }) });
    return this.#ask(`api/calls?${new URLSearchParams(which)}`, { signal });
  }

  /**
   * "This is …".
   * @param {string} id the call's
   * @param {{table: string, record_id: number}} candidate one of its candidates
   * @returns {Promise<any>} what is known of the call now
   */
  async choose(id, { table, record_id }) {
    return this.#ask(`api/calls/${encodeURIComponent(id)}/contact`, posted({ table, record_id }));
  }

  async #ask(address, { headers = {}, ...how }) {
    const answer = await fetch(address, {
      ...how,
      headers: { ...headers, Authorization: `Bearer ${this.#token()}`, Accept: "application/json" },
      cache: "no-store",
      credentials: "omit",
    });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  }
}

function posted(body) {
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}
