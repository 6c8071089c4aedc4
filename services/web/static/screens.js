/** What surrounds the calls: whether somebody is signed in, and whether what they see is the truth. */
import { serverNow } from "./clock.js";
import { text, timeOfDay } from "./wording.js";

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
  byId("sign-in-title").textContent = text(why === "ended" ? "sign-in-ended" : "sign-in");
  byId("sign-in-how").textContent = text(why === "ended" ? "sign-in-ended-how" : "sign-in-how");
  byId("sign-in").hidden = false;
  byId("calls").hidden = byId("connection").hidden = true;
}

/**
 * @param {"connecting" | "live" | "log-lost" | "lost"} now `log-lost`: the server answers, but cannot reach the event
 *   log, so that no call can come
 */
export function showConnection(now) {
  if (now === state) return;
  const wasFine = state === "live" || state === "";
  state = now;
  clearTimeout(timer);
  if (wasFine) since = serverNow();
  if (now === "live" || now === "log-lost") loaded = true;
  if (now === "lost" && wasFine) timer = setTimeout(show, GRACE);
  else show();
}

/** @param {"fine" | "away" | "login refused"} now whether calls get into Limbas */
export function showLimbas(now) {
  byId("limbas").hidden = now === "fine";
  byId("limbas").textContent = now === "fine" ? "" : text(now === "away" ? "limbas-away" : "limbas-login-refused");
}

function show() {
  const bad = state === "lost" || state === "log-lost";
  const time = timeOfDay(since);
  byId("sign-in").hidden = true;
  byId("calls").hidden = !loaded;
  byId("connection").hidden = false;
  byId("connection").dataset.state = state;
  byId("connection-text").textContent =
    state === "live"
      ? text("connected")
      : state === "connecting"
        ? text("connecting")
        : text(state === "lost" ? "lost-since" : "log-lost-since", { time });
  byId("calls").classList.toggle("stale", bad);
  byId("stale").hidden = !bad;
  byId("stale").textContent = bad ? text("stale", { time }) : "";
}
