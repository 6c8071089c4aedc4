/** Which calls somebody should still call back. */

/** Who is gone within this time, in milliseconds, was turned away by the box: a blocked number. Nobody heard it ring. */
const REJECTED_WITHIN = 300;

/** @param {any} call @returns {boolean} whether it ended before any phone rang */
export function rejectedAtOnce(call) {
  if (call.outcome !== "missed" || !call.first_received_at) return false;
  return Date.parse(call.received_at) - Date.parse(call.first_received_at) < REJECTED_WITHIN;
}

/**
 * The missed calls and what became of them: `open`; `done`, somebody said so; `talked`, there was a talk with the same
 * number since, whoever called.
 *
 * @param {import("./calls.js").Entry[]} entries newest first
 * @param {import("./dealt_with.js").DealtWith} dealtWith
 * @returns {Map<string, "open" | "done" | "talked">} by call, newest first; not those that were rejected at once
 */
export function missedCalls(entries, dealtWith) {
  const talkedTo = new Set();
  const missed = new Map();
  for (const { call } of entries) {
    const number = call.remote.e164 ?? call.remote.received;
    if (isTalk(call) && number) talkedTo.add(number);
    if (call.outcome !== "missed" || rejectedAtOnce(call)) continue;
    missed.set(call.id, talkedTo.has(number) ? "talked" : dealtWith.has(call.id) ? "done" : "open");
  }
  return missed;
}

function isTalk(call) {
  return call.outcome === "answered" || (call.state === "connected" && call.extension?.kind !== "answering machine");
}
