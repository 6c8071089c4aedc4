/** Keeps the event stream open as long as Limbas is: gets the token, has it renewed, and comes back after a refusal. */
import { Stream } from "../client/stream.js";
import { fetchToken } from "./token.js";

/** Between two tries to get a token, or to be let in with it, in milliseconds. */
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 120_000;

export class Subscription {
  #settings;
  #onEvent;
  #onState;
  /** @type {Stream | null} */
  #stream = null;
  #isIn = false;
  #tries = 0;
  #timer = 0;

  /**
   * @param {{service: string, token: string}} settings
   * @param {import("../client/stream.js").OnEvent} onEvent
   * @param {(state: import("../client/stream.js").State) => void} onState `refused` also when there is no token to be had
   */
  constructor(settings, onEvent, onState) {
    this.#settings = settings;
    this.#onEvent = onEvent;
    this.#onState = onState;
  }

  /** The token in use, for other questions to the service; empty before there is one. */
  get token() {
    return this.#stream?.token ?? "";
  }

  open() {
    this.#onState("connecting");
    this.#authorise();
  }

  /** Get a token and go on with it; the stream asks for that, too, before its token ends. */
  #authorise = async () => {
    clearTimeout(this.#timer);
    try {
      const token = await fetchToken(this.#settings.token);
      if (this.#stream) this.#stream.renew(token);
      else this.#connect(token);
    } catch {
      // As long as the old token is good nobody has to know. The stream says when it is not.
      if (!this.#isIn) this.#refused();
    }
  };

  #connect(token) {
    this.#stream = new Stream({
      url: new URL("events", this.#settings.service).href,
      token,
      onEvent: (name, data) => {
        this.#tries = 0;
        this.#onEvent(name, data);
      },
      onState: (state) => {
        if (state === "refused") {
          this.#refused();
        } else {
          this.#isIn = state !== "connecting";
          this.#onState(state);
        }
      },
      onTokenNeeded: this.#authorise,
    });
  }

  #refused() {
    this.#isIn = false;
    this.#onState("refused");
    clearTimeout(this.#timer);
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++) * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(this.#authorise, wait);
  }
}
