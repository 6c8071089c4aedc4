/** What surrounds the calls: whether somebody is signed in, and whether what they see is the truth. */
import { serverNow } from "./client/clock.js";
import { say } from "./language.js";

/** A connection that is back within this time, in milliseconds, was hardly lost. */
const GRACE = 1500;

const byId = (id) => document.getElementById(id);
let state = "";
let since = 0;
let timer = 0;
let loaded = false;

/** @returns {number} the moment that what is on the screen tells of, by the server's clock */
export function shownMoment() {
  return state === "live" ? serverNow() : Math.min(since, serverNow());
}

/** @param {"missing" | "ended"} why */
export function showSignIn(why) {
  state = "";
  loaded = false;
  clearTimeout(timer);
  byId("sign-in-title").textContent = say.text(why === "ended" ? "sign-in-ended" : "sign-in");
  byId("sign-in-how").textContent = say.text(why === "ended" ? "sign-in-ended-how" : "sign-in-how");
  byId("sign-in").hidden = false;
  for (const id of ["calls", "connection", "scope", "alerts-button"]) byId(id).hidden = true;
}

/**
 * @param {import("./client/stream.js").State} now any but `refused`
 * @param {number} from since when, in milliseconds since 1970
 */
export function showConnection(now, from) {
  const wasFine = state === "live" || state === "";
  state = now;
  since = from;
  clearTimeout(timer);
  if (now === "lost" && wasFine) timer = setTimeout(show, GRACE);
  else show();
}

/** There are calls to show, or it is known that there are none. */
export function showCalls() {
  loaded = true;
}

/** @param {"fine" | "away" | "login refused"} now whether calls get into Limbas */
export function showLimbas(now) {
  byId("limbas").hidden = now === "fine";
  byId("limbas").textContent = now === "fine" ? "" : say.text(now === "away" ? "limbas-away" : "limbas-login-refused");
}

function show() {
  const bad = state === "lost" || state === "log-lost";
  const time = say.timeOfDay(since);
  byId("sign-in").hidden = true;
  byId("calls").hidden = !loaded;
  byId("connection").hidden = byId("alerts-button").hidden = false;
  byId("connection").dataset.state = state;
  byId("connection-text").textContent =
    state === "live"
      ? say.text("connected")
      : state === "connecting"
        ? say.text("connecting")
        : say.text(state === "lost" ? "lost-since" : "log-lost-since", { time });
  byId("calls").classList.toggle("stale", bad);
  byId("stale").hidden = !bad;
  byId("stale").textContent = bad ? say.text("stale", { time }) : "";
}
