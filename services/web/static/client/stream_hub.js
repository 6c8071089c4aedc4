/**
 * Holds one event stream for many tabs: the other end of `stream.js`, in a shared worker, or in a tab that has none.
 *
 * What a tab says: `{url, token, look, able}` when it comes, every now and then as a sign of life, with another token to
 * renew it, and with `look` when somebody looks at it; `{leave}` when it goes. Who says nothing for some minutes is
 * dropped, and comes again with its next word.
 *
 * What it is told: `{name, data}`, an event; `{state, since}`; `{token}`, the newest that the server took; `{renew}`,
 * that one is needed; `{duty}`, whether it is the one tab that makes itself heard: of those that are `able` the one that
 * was looked at last; `{here}`, the answer to a sign of life.
 *
 * Every token is shown to the server before its tab sees anything: by a reconnect with it, which loses nothing.
 */
import { Calls } from "./calls.js";
import { serverNow, setServerTime } from "./clock.js";
import { Connection } from "./connection.js";
import { endOf } from "./token.js";

/** Hidden tabs get to say something once a minute. In milliseconds, like all here. */
const LONGEST_SILENCE = 180_000;
const RENEW_BEFORE_END = 60_000;
const ASK_AGAIN = 10_000;
/** No token is good for longer; timers take no number of any size. */
const LONGEST_TOKEN = 12 * 3600_000;

export class StreamHub {
  /**
   * `welcome`: its token was taken.
   * @type {Map<MessagePort, {token: string, welcome: boolean, heard: number, looked: number, able: boolean}>}
   */
  #tabs = new Map();
  #calls = new Calls();
  /** The newest snapshot, without its calls, brought up to date. */
  #about = null;
  #state = "connecting";
  #since = serverNow();
  /** @type {Connection | null} */
  #connection = null;
  /** The token that the connection uses. */
  #token = "";
  /** The last one that the server took. */
  #taken = "";
  /** Of all that it took, the one that ends last. */
  #best = "";
  #timer = 0;
  /** The token of which tabs are told that it ends. */
  #ending = "";
  /** @type {MessagePort | null} */
  #onDuty = null;

  /** Serve a tab. @param {MessagePort} port */
  add(port) {
    port.addEventListener("message", ({ data }) => this.#hear(port, data));
    port.addEventListener("close", () => this.#drop(port)); // where browsers tell that a tab is gone
    port.start();
  }

  #hear(port, { url, token, look = false, able = false, leave = false }) {
    if (leave) {
      this.#drop(port);
      return;
    }
    const tab = this.#tabs.get(port);
    const looked = look ? Date.now() : (tab?.looked ?? 0);
    this.#tabs.set(port, { token, welcome: tab?.welcome ?? false, heard: Date.now(), looked, able });
    this.#sweep();
    port.postMessage({ here: true });
    if (!this.#connection) this.#connect(url, token);
    else if (look) this.#connection.hurry();
    if (token === this.#best || token === this.#taken) this.#welcome(port);
    else if (token !== this.#token && token !== tab?.token) this.#use(token);
    if (!tab && !this.#tabs.get(port).welcome) {
      port.postMessage({ state: this.#state === "lost" ? "lost" : "connecting", since: this.#since });
    }
    this.#elect();
  }

  #connect(url, token) {
    this.#token = token;
    this.#connection = new Connection(
      url,
      token,
      (name, data) => this.#take(name, data),
      (state) => this.#changed(state),
    );
    this.#connection.open();
  }

  #use(token) {
    this.#token = token;
    this.#connection.renew(token);
  }

  #changed(state) {
    if (state === "accepted") this.#accepted();
    else if (state === "refused") this.#refused();
    else this.#setState("lost");
  }

  #accepted() {
    const taken = (this.#taken = this.#token);
    if (!this.#best || endOf(taken) >= endOf(this.#best)) this.#best = taken;
    for (const [port, tab] of this.#tabs) if (tab.token === taken || tab.welcome) this.#welcome(port);
    this.#remind();
    const next = this.#unproven();
    if (next) this.#use(next);
  }

  #refused() {
    const refused = this.#token;
    this.#taken = "";
    const others = [...this.#tabs].some(([, tab]) => tab.welcome) && this.#best !== refused;
    for (const [port, tab] of this.#tabs) {
      if (tab.token !== refused) continue;
      if (tab.welcome && others) tab.token = this.#best;
      else this.#dismiss(port);
    }
    const next = this.#unproven() ?? (others ? this.#best : "");
    if (next) {
      this.#use(next);
      return;
    }
    for (const port of [...this.#tabs.keys()]) this.#dismiss(port);
  }

  /** A token that somebody waits with. */
  #unproven() {
    return [...this.#tabs.values()].find((tab) => !tab.welcome)?.token;
  }

  #welcome(port) {
    const tab = this.#tabs.get(port);
    const first = !tab.welcome;
    const renewed = tab.token !== this.#best;
    this.#tabs.set(port, { ...tab, token: this.#best, welcome: true });
    if (renewed) port.postMessage({ token: this.#best });
    if (!first) return;
    if (this.#about) {
      const now = new Date(serverNow()).toISOString();
      const data = { ...this.#about, now, reason: "start", calls: this.#calls.picture };
      port.postMessage({ name: "snapshot", data });
    }
    port.postMessage({ state: this.#state, since: this.#since });
    this.#elect();
  }

  /** One tab makes itself heard. */
  #elect() {
    const [first] = [...this.#tabs]
      .filter(([, tab]) => tab.welcome)
      .sort(([, a], [, b]) => Number(b.able) - Number(a.able) || b.looked - a.looked);
    const port = first?.[0] ?? null;
    if (port === this.#onDuty) return;
    this.#onDuty?.postMessage({ duty: false });
    this.#onDuty = port;
    port?.postMessage({ duty: true });
  }

  #dismiss(port) {
    port.postMessage({ state: "refused", since: serverNow() });
    this.#drop(port);
  }

  #drop(port) {
    this.#tabs.delete(port);
    this.#elect();
    if (this.#tabs.size) return;
    // Whoever comes next starts over: what was missed until then is not to be shown as the present.
    this.#connection?.close();
    this.#connection = null;
    clearTimeout(this.#timer);
    this.#token = this.#taken = this.#best = this.#ending = "";
    this.#calls = new Calls();
    this.#about = null;
    this.#state = "connecting";
  }

  #sweep() {
    const oldest = Date.now() - LONGEST_SILENCE;
    for (const [port, tab] of this.#tabs) if (tab.heard < oldest) this.#drop(port);
  }

  #take(name, data) {
    if (data.now) setServerTime(data.now);
    if (name === "snapshot") {
      const { calls, ...about } = data;
      this.#about = about;
      this.#calls.load({ calls });
    } else if (name === "status") {
      this.#about = { ...this.#about, ...data };
    } else {
      this.#calls.apply(data);
    }
    this.#sweep();
    this.#tell({ name, data });
    if (name === "snapshot" || name === "status") {
      this.#setState(data.live ? "live" : "log-lost");
      this.#remind();
    }
  }

  #setState(state) {
    if (state === this.#state) return;
    const wasFine = this.#state === "live" || this.#state === "connecting";
    if (wasFine || state === "live") this.#since = serverNow();
    this.#state = state;
    this.#tell({ state, since: this.#since }, state === "lost");
  }

  #tell(message, everybody = false) {
    for (const [port, tab] of this.#tabs) if (tab.welcome || everybody) port.postMessage(message);
  }

  /** See to it that somebody is asked for a new token in time: one after the other, until there is one. */
  #remind() {
    if (this.#ending === this.#best) return;
    clearTimeout(this.#timer);
    const left = endOf(this.#best) - serverNow();
    if (Number.isNaN(left)) return;
    this.#timer = setTimeout(() => this.#ask(this.#best), Math.min(left - RENEW_BEFORE_END, LONGEST_TOKEN));
  }

  #ask(token, turn = 0) {
    const ports = [...this.#tabs.keys()];
    this.#ending = token;
    if (!ports.length || token !== this.#best || endOf(token) < serverNow()) return;
    ports[turn % ports.length].postMessage({ renew: true });
    this.#timer = setTimeout(() => this.#ask(token, turn + 1), ASK_AGAIN);
  }
}
