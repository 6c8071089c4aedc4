/** The page: brings the token, the event stream, the calls and what is on the screen together. */
import { alerts, listenForAlerts, showAudible } from "./alerts.js";
import { announce, showInTab } from "./announcer.js";
import { Api } from "./api.js";
import { Archive } from "./archive.js";
import { listenForUse, ring, tryOut } from "./bell.js";
import { LINGER, isOfThisMoment, lastSeen, showCards, showClocks } from "./cards.js";
import { listenForChoices } from "./choice.js";
import { Calls } from "./client/calls.js";
import { serverNow, setServerTime } from "./client/clock.js";
import { DealtWith } from "./client/dealt_with.js";
import { missedCalls } from "./client/missed.js";
import { Stream } from "./client/stream.js";
import { claimsOf } from "./client/token.js";
import { listenForFilters, showMissedCount, wanted } from "./filter.js";
import { showHistory, showMore } from "./history.js";
import { setLinks } from "./links.js";
import { listenForScope, scope, showScope } from "./scope.js";
import { showCalls, showConnection, showLimbas, showSignIn, shownMoment } from "./screens.js";
import { matches } from "./search.js";
import { forgetToken, keepToken, takeToken } from "./session.js";

/** Rows that are on the screen at first, and that "show more" adds. */
const PAGE = 50;

const calls = new Calls();
const api = new Api(() => stream.token);
const archive = new Archive(api, () => drawIn(0));
/** @type {Stream | null} */
let stream = null;
/** @type {DealtWith | null} */
let dealtWith = null;
let onDuty = false;
let shown = PAGE;
let drawing = 0;

function start() {
  stream?.close();
  dealtWith?.close();
  stream = null;
  calls.load({ calls: [] });
  const token = takeToken();
  if (!token) {
    showSignIn("missing");
    return;
  }
  dealtWith = new DealtWith(claimsOf(token).sub, () => drawIn(0));
  showConnection("connecting", serverNow());
  const url = scope.mine ? "events?calls=mine" : "events";
  stream = new Stream({ url, token, onEvent, onState, onToken: keepToken, onDuty: takeDuty });
  lookAgain();
}

function onEvent(name, data) {
  if (data.now) setServerTime(data.now);
  if (name === "snapshot") {
    calls.load(data);
    setLinks(data.links);
    showCalls();
    showScope(data.you);
  }
  if (name === "snapshot" || name === "status") {
    showLimbas(data.limbas);
  } else {
    archive.apply(data);
    announce(name, calls.apply(data));
  }
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

function takeDuty(mine) {
  onDuty = mine;
  drawIn(0);
}

/** Something else is wanted: begin at the top. */
function lookAgain() {
  shown = PAGE;
  archive.look({ mine: scope.mine, ...wanted });
  drawIn(0);
}

async function showMoreCalls() {
  shown += PAGE;
  const known = new Set(calls.all.map((entry) => entry.call.id));
  if (past(shownMoment()).length < shown) await archive.more((id) => known.has(id));
  drawIn(0);
}

/** The calls of the list: those that the stream brought, then those that were asked for, which are older. */
function past(now) {
  const found = new Set(archive.all.map((entry) => entry.call.id));
  return [...calls.all, ...older()].filter(
    (entry) =>
      !isOfThisMoment(entry, now) &&
      (!wanted.missed || entry.call.outcome === "missed") &&
      (!wanted.q || found.has(entry.call.id) || matches(entry, wanted.q)),
  );
}

/** The calls that were asked for and that the stream did not bring. */
function older() {
  const here = new Set(calls.all.map((entry) => entry.call.id));
  return archive.all.filter((entry) => !here.has(entry.call.id));
}

/** The missed calls to be dealt with, of those that the stream brought: the newest ones. */
function openOnes() {
  return [...missedCalls(calls.all, dealtWith)].filter(([, became]) => became === "open").map(([id]) => id);
}

/** Draw after some milliseconds, once for all who ask. Not by animation frames: hidden tabs do not get any. */
function drawIn(milliseconds) {
  clearTimeout(drawing);
  drawing = setTimeout(draw, milliseconds);
}

function draw() {
  if (!stream) return;
  const now = shownMoment();
  const present = calls.all.filter((entry) => isOfThisMoment(entry, now));
  const rows = past(now);
  const missed = missedCalls([...calls.all, ...older()], dealtWith);
  const open = openOnes().length;
  showCards(present, now);
  showHistory(rows.slice(0, shown), now, missed);
  showMore({ left: rows.length > shown || mayHaveMore(), count: rows.length, archive });
  showMissedCount(open);
  showInTab(present, open);
  ring(present, onDuty);
  // Cards leave by themselves, and at midnight today becomes yesterday.
  const leaving = present.filter((entry) => entry.call.state === "ended").map((entry) => lastSeen(entry) + LINGER);
  const midnight = new Date(now).setHours(24, 0, 0, 0);
  drawIn(Math.max(100, Math.min(midnight, ...leaving) - now));
}

/** Whether the server may have calls that are not here: fewer than one page would not have been cut. */
function mayHaveMore() {
  return !archive.exhausted && calls.all.length >= PAGE;
}

async function choose(id, candidate) {
  const { contact } = await api.choose(id, candidate);
  // The stream says so, too; but perhaps not at once.
  const event = { ...contact, type: "contact.resolved", call_id: id };
  calls.apply(event);
  archive.apply(event);
}

function dealWith(ids, done) {
  for (const id of ids) dealtWith.set(id, done);
  drawIn(0);
}

window.addEventListener("hashchange", start);
setInterval(() => showClocks(shownMoment()), 250);
listenForAlerts(tryOut);
listenForUse((audible) => {
  showAudible(audible);
  stream?.volunteer(audible && alerts.sound);
});
listenForFilters(lookAgain);
listenForScope(start);
listenForChoices(choose, () => drawIn(0));
document.getElementById("more").addEventListener("click", showMoreCalls);
document.getElementById("days").addEventListener("click", (event) => {
  const button = event.target.closest("[data-deal-with]");
  if (button) dealWith([button.dataset.dealWith], button.getAttribute("aria-pressed") !== "true");
});
document.getElementById("all-dealt-with").addEventListener("click", () => {
  dealWith(openOnes(), true);
});
start();
