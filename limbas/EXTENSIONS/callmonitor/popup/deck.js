/** Which calls pop up, and how long. No document in here. */
import { isInProgress } from "../client/calls.js";
import { missedCalls } from "../client/missed.js";

/**
 * How long a call has to last before it pops up, in milliseconds. The box tells of a caller whom it blocks as of any
 * other, and hangs up at once; no phone rings then, and nothing should pop up.
 */
export const HOLD = 300;
/** How long a call that was taken stays after its end, in milliseconds. */
export const LINGER = 5_000;
/** How long a missed call waits to be dealt with, in milliseconds: over a weekend. */
export const MISSED_FOR = 72 * 3_600_000;
/** How many pop-ups there are at once. */
export const AT_ONCE = 4;
/** How long a hand is good at the most, in milliseconds: missed calls leave by the clock. */
const LONGEST = 60_000;

/**
 * @typedef {import("../client/calls.js").Entry} Entry
 * @typedef {object} Hand
 * @property {Entry[]} shown what pops up, the newest call first
 * @property {Entry[]} more what would, if there were room
 * @property {number} changesIn milliseconds after which it is another hand although nothing happened
 */

export class Deck {
  /** @type {Map<string, number>} when this browser first saw the calls that are going on, by its own clock */
  #seen = new Map();

  /**
   * @param {Entry[]} entries the newest first
   * @param {Entry[]} missed those of them that somebody has to deal with
   * @param {object} circumstances
   * @param {import("../client/dealt_with.js").DealtWith} circumstances.dealtWith
   * @param {boolean} circumstances.outbound whether calls that the office makes pop up, too
   * @param {number} circumstances.now the server's time in milliseconds since 1970
   * @param {number} circumstances.clock this browser's, in milliseconds since any moment
   * @returns {Hand}
   */
  deal(entries, missed, { dealtWith, outbound, now, clock }) {
    this.#look(entries, clock);
    const wanted = entries.filter(
      ({ call }) => (outbound || call.direction === "inbound") && call.outcome !== "missed" && !dealtWith.has(call.id),
    );
    const held = (entry) => (isInProgress(entry) ? this.#seen.get(entry.call.id) + HOLD - clock : 0);
    const left = ({ call }) => (call.state === "ended" ? Date.parse(call.received_at) + LINGER - now : Infinity);
    const present = wanted.filter((entry) => held(entry) <= 0 && left(entry) > 0);
    const calls = [...present, ...missed];
    const changes = [...wanted.map(held), ...present.map(left)].filter((wait) => wait > 0);
    return {
      shown: calls.slice(0, AT_ONCE).sort((a, b) => b.order - a.order),
      more: calls.slice(AT_ONCE),
      changesIn: Math.min(LONGEST, ...changes),
    };
  }

  #look(entries, clock) {
    const going = entries.filter(isInProgress).map(({ call }) => call.id);
    this.#seen = new Map(going.map((id) => [id, this.#seen.get(id) ?? clock]));
  }
}

/**
 * The missed calls that somebody has to deal with.
 * @param {Entry[]} entries the newest first
 * @param {import("../client/dealt_with.js").DealtWith} dealtWith
 * @param {number} now the server's time
 * @returns {Entry[]} the newest first
 */
export function openMissed(entries, dealtWith, now) {
  const fates = missedCalls(entries, dealtWith);
  return entries.filter(
    ({ call }) => fates.get(call.id) === "open" && Date.parse(call.received_at) + MISSED_FOR > now,
  );
}
