/**
 * The call monitor in Limbas: loaded once, into the top document, by `ext_multiframe.inc`. It holds the event stream, so
 * pop-ups and clocks go on whatever page is opened in the main frame. If it cannot do its work it says so in one line on
 * the console and below its entry in the sidebar, and Limbas is as it always was.
 */
import { Calls } from "./client/calls.js";
import { serverNow, setServerTime } from "./client/clock.js";
import { DealtWith } from "./client/dealt_with.js";
import { Wording } from "./client/wording.js";
import { Deck, openMissed } from "./popup/deck.js";
import { Limbas } from "./popup/limbas.js";
import { pin } from "./popup/pin.js";
import { Popups } from "./popup/popups.js";
import { readSettings } from "./popup/settings.js";
import { Sidebar } from "./popup/sidebar.js";
import { Subscription } from "./popup/subscription.js";
import { loadTexts } from "./popup/texts.js";

/** A connection that is back within this time, in milliseconds, was hardly lost. */
const GRACE = 2_000;
/** How often the clocks are looked at, in milliseconds. */
const TICK = 250;
const STYLES = ["base", "popups", "preview"];
const PROBLEMS = { lost: "service-away", refused: "service-refuses", "log-lost": "service-blind" };

/** @param {import("./popup/settings.js").Settings} settings @param {Record<string, string>} texts */
function start(settings, texts) {
  const calls = new Calls();
  const deck = new Deck();
  const limbas = new Limbas(document.getElementById("main"), settings.tables);
  const say = new Wording(texts, settings.language, (table, id) => limbas.addressOf(table, id));
  const dealtWith = new DealtWith(settings.user, draw);
  const sidebar = new Sidebar(settings.sidebar, say);
  const subscription = new Subscription(settings, onEvent, onState);
  const popups = new Popups(say, settings.contactTables, { dismiss, choose, create, search }, dismissAll);
  let hand = { shown: [], more: [] };
  let ownOnly = false;
  let drawing = 0;
  let complaint = 0;

  document.addEventListener("callmonitor:dial", (event) => {
    event.preventDefault();
    popups.say(say.text("cannot-dial", { number: event.detail }));
  });
  setInterval(() => {
    popups.tick();
    sidebar.tick();
  }, TICK);
  subscription.open();

  function onEvent(name, data) {
    if (data.now) setServerTime(data.now);
    if (name === "snapshot") {
      calls.load(data);
      ownOnly = data.you?.calls === "own";
    } else if (name !== "status") {
      calls.apply(data);
    }
    drawIn(0);
  }

  function onState(state) {
    clearTimeout(complaint);
    if (state in PROBLEMS) complaint = setTimeout(() => showProblem(say.text(PROBLEMS[state])), GRACE);
    else showProblem("");
  }

  function showProblem(problem) {
    sidebar.showProblem(problem);
    popups.setStale(problem !== "");
  }

  /** Draw after some milliseconds, once for all who ask. Not by animation frames: hidden tabs do not get any. */
  function drawIn(milliseconds) {
    clearTimeout(drawing);
    drawing = setTimeout(draw, milliseconds);
  }

  function draw() {
    const [all, now] = [calls.all, serverNow()];
    const missed = openMissed(all, dealtWith, now);
    hand = deck.deal(all, missed, { dealtWith, outbound: ownOnly, now, clock: performance.now() });
    popups.show(hand);
    sidebar.show(all, missed);
    drawIn(hand.changesIn);
  }

  function dismiss({ call }) {
    dealtWith.set(call.id);
    draw();
  }

  function dismissAll() {
    for (const { call } of [...hand.shown, ...hand.more]) if (call.state === "ended") dealtWith.set(call.id);
    draw();
  }

  async function choose(entry, candidate) {
    const address = limbas.addressOf(candidate.table, candidate.record_id);
    if (address) limbas.open(address);
    try {
      await pin(settings.service, subscription.token, entry.call.id, candidate);
    } catch {
      popups.say(say.text("not-pinned"));
    }
  }

  function create(entry, table) {
    limbas.create(table, entry.shown.number);
  }

  function search(entry, table) {
    limbas.search(table, entry.shown.number);
  }
}

function addStyles() {
  for (const name of STYLES) {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = new URL(`popup/style/${name}.css`, import.meta.url).href;
    document.head.append(sheet);
  }
}

try {
  const settings = readSettings();
  addStyles();
  start(settings, await loadTexts(settings.language));
} catch (error) {
  console.info(`Callmonitor is off: ${error.message}.`);
}
