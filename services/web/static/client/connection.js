/** Keeps one event stream open: through sleep, lost networks and restarts of the server. */
import { EventStreamParser } from "./sse.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** Silence in milliseconds that is taken for a dead connection until the server has told its heartbeat. */
const LONGEST_SILENCE = 45_000;
/** Heartbeats that may be missed. */
const PATIENCE = 2.5;

/**
 * @callback OnEvent
 * @param {string} name
 * @param {any} data
 */

export class Connection {
  #url;
  #token;
  #onEvent;
  #onState;
  #parser = new EventStreamParser();
  #attempt = null;
  #tries = 0;
  #timer = 0;
  #watchdog = 0;
  #silence = LONGEST_SILENCE;
  #heard = 0;

  /**
   * @param {string} url
   * @param {string} token
   * @param {OnEvent} onEvent
   * @param {(state: "accepted" | "lost" | "refused") => void} onState `accepted`: the server takes the token; that there
   *   is something to show, events tell
   */
  constructor(url, token, onEvent, onState) {
    this.#url = url;
    this.#token = token;
    this.#onEvent = onEvent;
    this.#onState = onState;
  }

  /** Connect, and connect again whenever the connection is lost, until `close` or a refusal. */
  open() {
    addEventListener("online", this.#hurry);
    this.#connect();
  }

  close() {
    removeEventListener("online", this.#hurry);
    this.#abandon();
    this.#attempt = null;
  }

  /** Go on with another token, from where the stream is: at once, also after a refusal. @param {string} token */
  renew(token) {
    this.#token = token;
    this.#abandon();
    this.open();
  }

  /** Somebody looks, or the network is back: do not let them wait. */
  hurry() {
    if (!this.#attempt) {
      clearTimeout(this.#timer);
      this.#connect();
    } else if (Date.now() - this.#heard > this.#silence) {
      // The computer slept: timers may have slept as well, the server did not.
      this.#attempt.abort();
    }
  }

  #hurry = () => this.hurry();

  #abandon() {
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#attempt?.abort();
  }

  async #connect() {
    const attempt = (this.#attempt = new AbortController());
    try {
      const refused = await this.#read(attempt);
      if (this.#attempt !== attempt) return;
      if (refused) {
        this.close();
        this.#onState("refused");
        return;
      }
    } catch {
      if (this.#attempt !== attempt) return; // closed by us
    }
    this.#attempt = null;
    attempt.abort(); // an answer that was no event stream may still be coming
    clearTimeout(this.#watchdog);
    this.#onState("lost");
    // Jitter, so that after a restart of the server not everybody comes back in the same moment.
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++) * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  /** Read one connection to its end. Returns whether the token was refused. */
  async #read(attempt) {
    this.#parser.restart();
    this.#listen(attempt);
    const headers = { Authorization: `Bearer ${this.#token}`, Accept: "text/event-stream" };
    if (this.#parser.lastId) headers["Last-Event-ID"] = this.#parser.lastId;
    const answer = await fetch(this.#url, {
      headers,
      cache: "no-store",
      credentials: "omit",
      signal: attempt.signal,
    });
    if (this.#attempt !== attempt) return false;
    if (answer.status === 401) return true;
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return false;
    this.#onState("accepted");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      // What was on its way when another attempt took over comes again there.
      if (done || this.#attempt !== attempt) return false;
      for (const event of this.#parser.push(value)) this.#dispatch(event);
      if (this.#attempt !== attempt) return false;
      this.#listen(attempt); // not before: the server may just have told its heartbeat
    }
  }

  #dispatch({ name, data }) {
    this.#tries = 0;
    try {
      const parsed = JSON.parse(data);
      if (parsed.heartbeat_seconds) this.#silence = parsed.heartbeat_seconds * 1000 * PATIENCE;
      this.#onEvent(name, parsed);
    } catch (error) {
      reportError(error); // one event that nobody understands must not cost those that came with it
    }
  }

  /** Give up on a connection that is silent for longer than the server ever is. */
  #listen(attempt) {
    clearTimeout(this.#watchdog);
    this.#heard = Date.now();
    this.#watchdog = setTimeout(() => attempt.abort(), this.#silence);
  }
}
