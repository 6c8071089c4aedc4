/** Which calls pop up, and how long. No document in here. */
import { isInProgress } from "../client/calls.js";

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
   * @param {object} circumstances
   * @param {(id: string) => boolean} circumstances.isDealtWith
   * @param {boolean} circumstances.outbound whether calls that the office makes pop up, too
   * @param {number} circumstances.now the server's time in milliseconds since 1970
   * @param {number} circumstances.clock this browser's, in milliseconds since any moment
   * @returns {Hand}
   */
  deal(entries, { isDealtWith, outbound, now, clock }) {
    const waits = [];
    const present = entries.filter((entry) => {
      const wait = this.#stay(entry, now, clock);
      if (wait > 0) waits.push(wait);
      return this.#isDue(entry, clock) && (wait > 0 || isInProgress(entry));
    });
    this.#forget(entries);
    const calls = [
      ...present.filter(({ call }) => (outbound || call.direction === "inbound") && !isDealtWith(call.id)),
      ...openMissed(entries, isDealtWith, now),
    ];
    const shown = calls.slice(0, AT_ONCE).sort((a, b) => b.order - a.order);
    return { shown, more: calls.slice(AT_ONCE), changesIn: Math.min(...waits, 60_000) };
  }

  /** How long it takes until a call comes or goes by itself; 0: nothing to wait for. */
  #stay(entry, now, clock) {
    if (isInProgress(entry)) return Math.max(0, this.#firstSeen(entry, clock) + HOLD - clock);
    if (entry.call.outcome === "missed") return 0;
    return Math.max(0, Date.parse(entry.call.received_at) + LINGER - now);
  }

  #isDue(entry, clock) {
    return !isInProgress(entry) || clock >= this.#firstSeen(entry, clock) + HOLD;
  }

  #firstSeen({ call }, clock) {
    if (!this.#seen.has(call.id)) this.#seen.set(call.id, clock);
    return this.#seen.get(call.id);
  }

  #forget(entries) {
    const known = new Set(entries.filter(isInProgress).map(({ call }) => call.id));
    for (const id of this.#seen.keys()) if (!known.has(id)) this.#seen.delete(id);
  }
}

/**
 * The missed calls that somebody still has to deal with: not those that were rejected at once, nor those whose caller
 * has been spoken to since.
 * @param {Entry[]} entries the newest first
 * @param {(id: string) => boolean} isDealtWith
 * @param {number} now the server's time
 * @returns {Entry[]} the newest first
 */
export function openMissed(entries, isDealtWith, now) {
  const spokenTo = new Set();
  return entries.filter(({ call }) => {
    if (isTalk(call) && call.remote.e164) spokenTo.add(call.remote.e164);
    return isMissed(call, now) && !spokenTo.has(call.remote.e164) && !isDealtWith(call.id);
  });
}

function isMissed(call, now) {
  const late = Date.parse(call.received_at) + MISSED_FOR < now;
  return call.state === "ended" && call.outcome === "missed" && !late && !wasRejectedAtOnce(call);
}

function wasRejectedAtOnce(call) {
  return Date.parse(call.received_at) - Date.parse(call.first_received_at) < HOLD;
}

function isTalk(call) {
  return Boolean(call.connected_at) && call.extension?.kind !== "answering machine";
}
