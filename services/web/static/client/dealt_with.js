/**
 * Which calls a user has dealt with: kept in the browser, so that all its tabs know, and do tomorrow. Calls that are
 * forgotten here are long gone from what is shown.
 */

const KEPT = 500;

export class DealtWith {
  #key;
  #onChange;
  #ids;

  /**
   * @param {string} user whose calls they are: the token's `sub`
   * @param {() => void} onChange another tab changed something
   */
  constructor(user, onChange) {
    this.#key = `callmonitor-dealt-with:${user}`;
    this.#onChange = onChange;
    this.#ids = this.#read();
    addEventListener("storage", this.#changed);
  }

  /** @param {string} id a call's @returns {boolean} */
  has(id) {
    return this.#ids.has(id);
  }

  /** @param {string} id a call's @param {boolean} [done] false: take it back */
  set(id, done = true) {
    const ids = this.#read(); // another tab may have written since
    ids.delete(id);
    if (done) ids.add(id);
    this.#ids = new Set([...ids].slice(-KEPT));
    try {
      localStorage.setItem(this.#key, JSON.stringify([...this.#ids]));
    } catch {
      // No room, or forbidden: it holds for this tab.
    }
  }

  close() {
    removeEventListener("storage", this.#changed);
  }

  #changed = ({ key }) => {
    if (key !== this.#key && key !== null) return;
    this.#ids = this.#read();
    this.#onChange();
  };

  #read() {
    try {
      const ids = JSON.parse(localStorage.getItem(this.#key) ?? "[]");
      return new Set(Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : []);
    } catch {
      return this.#ids ?? new Set();
    }
  }
}
