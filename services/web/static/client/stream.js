/**
 * The event stream as a tab sees it. All tabs of a browser share one, in a shared worker (which, unlike Web Locks, is
 * there without HTTPS too). Where there are no shared workers, a tab has one of its own.
 */
import { StreamHub } from "./stream_hub.js";
import { claimsOf } from "./token.js";

/** How often a tab says that it is there, in milliseconds, and how soon the worker answers. */
const SIGN_OF_LIFE = 5000;
const ANSWER = 4000;
/** The first answer takes longer: the worker has to be loaded. */
const FIRST_ANSWER = 20_000;
/** Of one user with the same rights there are many tokens, of which these claims differ. */
const OF_THE_TOKEN = ["iat", "exp", "nbf", "jti"];

/**
 * @callback OnEvent
 * @param {string} name `snapshot`, `status`, or the type of an event of the log: see docs/events.md
 * @param {any} data the event, parsed
 */

/**
 * @typedef {"connecting" | "live" | "log-lost" | "lost" | "refused"} State `live`: what is shown is the truth;
 *   `log-lost`: the server answers, but cannot reach the event log, so that no call can come; `lost`: no server, tried
 *   again all the time; `refused`: the token is not (or no longer) good, and nothing happens until `renew`
 */

/**
 * @callback OnState called only when it changed
 * @param {State} state
 * @param {number} since in milliseconds since 1970 by the server's clock; with `lost` and `log-lost`, when it last was fine
 */

export class Stream {
  #url;
  #token;
  #on;
  #name = "";
  /** @type {State} */
  #state = "connecting";
  /** @type {MessagePort | null} */
  #port = null;
  #alone = false;
  #answered = false;
  #workersLost = 0;
  #able = false;
  #onDuty = false;
  #ticking = 0;
  #waiting = 0;

  /**
   * Connects at once, and again whenever the connection is lost, until `close`.
   *
   * @param {object} how
   * @param {string} how.url the address of `/events`
   * @param {string} how.token who looks; also decides who shares: same claims (but times), same stream
   * @param {OnEvent} how.onEvent every event once, in order; the first one is a `snapshot`
   * @param {OnState} how.onState
   * @param {() => void} [how.onTokenNeeded] the token ends within a minute: get another one and call `renew`. One tab
   *   after the other is asked, every 10 seconds, until one has done so
   * @param {(token: string) => void} [how.onToken] another tab brought a newer token, which the server took
   * @param {(onDuty: boolean) => void} [how.onDuty] whether this tab is the one of all that makes itself heard.
   *   Where there are no shared workers, each is
   */
  constructor({ url, token, onEvent, onState, onTokenNeeded = noop, onToken = noop, onDuty = noop }) {
    this.#url = new URL(url, document.baseURI).href;
    this.#token = token;
    this.#on = { event: onEvent, state: onState, tokenNeeded: onTokenNeeded, token: onToken, duty: onDuty };
    document.addEventListener("visibilitychange", this.#look);
    document.addEventListener("resume", this.#look);
    addEventListener("pageshow", this.#look);
    addEventListener("pagehide", this.#leave);
    this.#attach();
  }

  /** The newest token, for other requests to the same server. */
  get token() {
    return this.#token;
  }

  /** Whether this tab may make itself heard: those that may not are on duty only when there is no other. */
  volunteer(able) {
    if (able === this.#able) return;
    this.#able = able;
    if (this.#ticking) this.#say();
  }

  /** Go on with a newer token, without a gap; also after `refused`. @param {string} token */
  renew(token) {
    const another = nameOf(this.#url, token) !== this.#name;
    this.#token = token;
    if (!another && this.#port) {
      this.#say();
      this.#tick();
    } else {
      this.#detach();
      this.#attach();
    }
  }

  close() {
    document.removeEventListener("visibilitychange", this.#look);
    document.removeEventListener("resume", this.#look);
    removeEventListener("pageshow", this.#look);
    removeEventListener("pagehide", this.#leave);
    this.#detach();
  }

  #attach() {
    this.#name = nameOf(this.#url, this.#token);
    this.#answered = false;
    const port = (this.#port = this.#open());
    port.addEventListener("message", ({ data }) => port === this.#port && this.#hear(data));
    port.start();
    this.#say(!document.hidden);
    this.#tick();
  }

  #detach() {
    this.#leave();
    this.#rest();
    this.#port?.close();
    this.#port = null;
  }

  #open() {
    if (!this.#alone && "SharedWorker" in globalThis) {
      try {
        const worker = new SharedWorker(workerAddress(), { type: "module", name: this.#name });
        worker.addEventListener("error", () => worker.port === this.#port && this.#goAlone());
        return worker.port;
      } catch {
        this.#alone = true;
      }
    }
    const { port1, port2 } = new MessageChannel();
    new StreamHub().add(port2);
    return port1;
  }

  /** It lives in one tab's process, and dies with that. Twice without a word: it does not work here. */
  #workerDied() {
    if (this.#alone) return;
    if (this.#workersLost++) {
      this.#goAlone();
    } else {
      this.#detach();
      this.#attach();
    }
  }

  /** Do without a worker. */
  #goAlone() {
    this.#alone = true;
    this.#detach();
    this.#attach();
  }

  #say(look = false) {
    this.#port?.postMessage({ url: this.#url, token: this.#token, able: this.#able, look });
    this.#waiting ||= setTimeout(() => this.#workerDied(), this.#answered ? ANSWER : FIRST_ANSWER);
  }

  #tick() {
    clearInterval(this.#ticking);
    this.#ticking = setInterval(() => this.#say(), SIGN_OF_LIFE);
  }

  #rest() {
    clearInterval(this.#ticking);
    clearTimeout(this.#waiting);
    this.#ticking = this.#waiting = 0;
  }

  #look = () => {
    if (!document.hidden && this.#ticking) this.#say(true);
  };

  #leave = () => this.#port?.postMessage({ leave: true });

  #hear({ name, data, state, since, token, renew, duty }) {
    clearTimeout(this.#waiting);
    this.#waiting = this.#workersLost = 0;
    this.#answered = true;
    if (name) this.#on.event(name, data);
    if (token && token !== this.#token) {
      this.#token = token;
      this.#on.token(token);
    }
    if (renew) this.#on.tokenNeeded();
    if (duty !== undefined && duty !== this.#onDuty) {
      this.#onDuty = duty;
      this.#on.duty(duty);
    }
    if (state === "refused") this.#rest();
    if (state && state !== this.#state) {
      this.#state = state;
      this.#on.state(state, since);
    }
  }
}

function noop() {}

/** What the worker goes by: tabs with the same name share one. */
function nameOf(url, token) {
  const holder = Object.entries(claimsOf(token)).filter(([claim]) => !OF_THE_TOKEN.includes(claim));
  return JSON.stringify([url, Object.fromEntries(holder.sort())]);
}

let policy = null;

/** The worker's address, marked as ours for pages that require Trusted Types (the policy is in our own page's CSP). */
function workerAddress() {
  const address = new URL("./stream_worker.js", import.meta.url).href;
  if (!globalThis.trustedTypes) return address;
  policy ??= trustedTypes.createPolicy("callmonitor-worker", { createScriptURL: () => address });
  return policy.createScriptURL("");
}
