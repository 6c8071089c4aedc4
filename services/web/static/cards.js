/** The calls of this moment, one card each. */
import { showChoice } from "./choice.js";
import { isInProgress } from "./client/calls.js";
import { duration } from "./client/clock.js";
import { rejectedAtOnce } from "./client/missed.js";
import { fromTemplate, keyed, part, setAddress, setIcon, setText } from "./dom.js";
import { say } from "./language.js";

/** How long a call that has ended stays, in milliseconds: long enough to see how it ended. */
export const LINGER = 12_000;

const ROLES = ["status", "direction", "title", "company", "number", "note", "office", "record"];
const ORDER = ["ringing", "dialing", "connected", "ended"];

/** Whether a call belongs here. @param {import("./client/calls.js").Entry} entry @param {number} now */
export function isOfThisMoment(entry, now) {
  return isInProgress(entry) || (now < lastSeen(entry) + LINGER && !rejectedAtOnce(entry.call));
}

/** When it changed last, in milliseconds since 1970, by the clock of the service that saw it. */
export function lastSeen(entry) {
  return Date.parse(entry.call.received_at);
}

/** @param {import("./client/calls.js").Entry[]} entries @param {number} now */
export function showCards(entries, now) {
  const sorted = [...entries].sort(
    (a, b) => ORDER.indexOf(a.call.state) - ORDER.indexOf(b.call.state) || b.order - a.order,
  );
  const cards = document.getElementById("cards");
  keyed(cards, sorted, (entry) => entry.call.id, () => fromTemplate("card"), showCard);
  document.getElementById("nobody-calls").hidden = sorted.length > 0;
  showClocks(now);
}

/** Let the clocks run. @param {number} now */
export function showClocks(now) {
  for (const clock of document.querySelectorAll("#cards [data-since]")) {
    clock.textContent = duration((now - Number(clock.dataset.since)) / 1000);
  }
}

function showCard(card, entry) {
  const said = say.of(entry);
  card.dataset.kind = said.kind;
  setIcon(card.querySelector(".state use"), said.icon);
  for (const role of ROLES) setText(part(card, role), said[role]);
  if (said.kind === "answered") setText(part(card, "status"), say.text("ended"));
  setAddress(part(card, "title"), said.link);
  setAddress(part(card, "record"), said.recordLink);
  showChoice(part(card, "candidates"), entry.call, said.candidates);
  showClock(part(card, "clock"), entry.call, lastSeen(entry));
}

function showClock(clock, call, since) {
  if (call.state !== "ended") {
    // From when the line was received: the box's own clock may be off, and has no fractions.
    clock.dataset.since = String(since);
    return;
  }
  delete clock.dataset.since;
  clock.textContent = call.duration ? duration(call.duration) : "";
}
