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

  /**
   * @param {string} url
   * @param {string} token
   * @param {OnEvent} onEvent
   * @param {(state: "lost" | "refused") => void} onState that it is back, events tell
   */
  constructor(url, token, onEvent, onState) {
    this.#url = url;
    this.#token = token;
    this.#onEvent = onEvent;
    this.#onState = onState;
  }

  /** Connect, and connect again whenever the connection is lost, until `close` or a refusal. */
  open() {
    window.addEventListener("online", this.#now);
    document.addEventListener("visibilitychange", this.#now);
    this.#connect();
  }

  close() {
    window.removeEventListener("online", this.#now);
    document.removeEventListener("visibilitychange", this.#now);
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#attempt?.abort();
    this.#attempt = null;
  }

  /** Somebody looks, or the network is back: do not let them wait. */
  #now = () => {
    if (!this.#attempt && !document.hidden) {
      clearTimeout(this.#timer);
      this.#connect();
    }
  };

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
    if (answer.status === 401) return true;
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return false;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      this.#listen(attempt);
      for (const event of this.#parser.push(value)) this.#dispatch(event);
    }
  }

  #dispatch({ name, data }) {
    const parsed = JSON.parse(data);
    if (parsed.heartbeat_seconds) this.#silence = parsed.heartbeat_seconds * 1000 * PATIENCE;
    this.#tries = 0;
    this.#onEvent(name, parsed);
  }

  /** Give up on a connection that is silent for longer than the server ever is. */
  #listen(attempt) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => attempt.abort(), this.#silence);
  }
}
