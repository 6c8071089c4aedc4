/**
 * Reads a text/event-stream as the HTML standard says (9.2.6).
 *
 * The browser's own EventSource cannot send an Authorization header; it would put the token into an address.
 */
export class EventStreamParser {
  #buffer = "";
  #name = "";
  #data = [];
  #lastId = "";

  /** The id of the newest event; what to send as `Last-Event-ID`. Empty before the first one that has an id. */
  get lastId() {
    return this.#lastId;
  }

  /**
   * Takes the next piece of text, cut anywhere.
   * @param {string} text
   * @returns {{name: string, data: string}[]} the events that it completes
   */
  push(text) {
    this.#buffer += text;
    const events = [];
    // A \r at the very end may be the first half of \r\n: wait for what follows.
    const lines = this.#buffer.split(/\r\n|\n|\r(?!$)/);
    this.#buffer = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length) events.push({ name: this.#name || "message", data: this.#data.join("\n") });
        this.#name = "";
        this.#data = [];
      } else {
        this.#field(line);
      }
    }
    return events;
  }

  /** A connection ended: what was half received is void, the place in the stream is not. */
  restart() {
    this.#buffer = "";
    this.#name = "";
    this.#data = [];
  }

  #field(line) {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment: the heartbeat
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#name = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id" && !value.includes("\0")) this.#lastId = value;
  }
}
