/** The page: brings the token, the connection, the calls and what is on the screen together. */
import { announce, showInTab } from "./announcer.js";
import { LINGER, isOfThisMoment, lastSeen, showCards, showClocks } from "./cards.js";
import { Calls } from "./client/calls.js";
import { serverNow, setServerTime } from "./client/clock.js";
import { Stream } from "./client/stream.js";
import { showHistory } from "./history.js";
import { setLinks } from "./links.js";
import { showConnection, showLimbas, showSignIn, shownMoment } from "./screens.js";
import { forgetToken, keepToken, takeToken } from "./session.js";

const calls = new Calls();
let stream = null;
let drawing = 0;

function start() {
  stream?.close();
  const token = takeToken();
  if (!token) {
    showSignIn("missing");
    return;
  }
  showConnection("connecting", serverNow());
  stream = new Stream({ url: "events", token, onEvent, onState, onToken: keepToken });
}

function onEvent(name, data) {
  if (data.now) setServerTime(data.now);
  if (name === "snapshot") {
    calls.load(data);
    setLinks(data.links);
  }
  if (name === "snapshot" || name === "status") showLimbas(data.limbas);
  else announce(name, calls.apply(data));
  drawIn(0);
}

function onState(state, since) {
  if (state === "refused") {
    forgetToken();
    showSignIn("ended");
  } else {
    showConnection(state, since);
  }
  drawIn(0);
}

/** Draw after some milliseconds, once for all who ask. Not by animation frames: hidden tabs do not get any. */
function drawIn(milliseconds) {
  clearTimeout(drawing);
  drawing = setTimeout(draw, milliseconds);
}

function draw() {
  const now = shownMoment();
  const all = calls.all;
  const [present, past] = [[], []];
  for (const entry of all) (isOfThisMoment(entry, now) ? present : past).push(entry);
  showCards(present, now);
  showHistory(past, now);
  showInTab(present);
  // Cards leave by themselves, and at midnight today becomes yesterday.
  const leaving = present.filter((entry) => entry.call.state === "ended").map((entry) => lastSeen(entry) + LINGER);
  const midnight = new Date(now).setHours(24, 0, 0, 0);
  drawIn(Math.max(100, Math.min(midnight, ...leaving) - now));
}

window.addEventListener("hashchange", start);
setInterval(() => showClocks(shownMoment()), 250);
start();
