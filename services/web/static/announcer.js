/** Says what happens to those who do not look at the page: by screen reader, and in the name of the tab. */
import { isInProgress } from "./calls.js";
import { inOneLine, text, wording } from "./wording.js";

/** The name comes a moment after the ring; in milliseconds. */
const NAME_TAKES = 700;

const announcer = document.getElementById("announcer");

/** An event came in. @param {string} name @param {import("./calls.js").Entry} entry */
export function announce(name, entry) {
  if (name === "call.ringing") {
    setTimeout(() => isInProgress(entry) && say("announce-ringing", entry), NAME_TAKES);
  } else if (name === "call.ended" && entry.call.outcome === "missed") {
    say("announce-missed", entry);
  }
}

/** The name of the tab: who is calling. @param {import("./calls.js").Entry[]} entries */
export function showInTab(entries) {
  const ringing = entries.find((entry) => entry.call.state === "ringing");
  document.title = ringing ? text("tab-ringing", { who: inOneLine(wording(ringing)) }) : text("title");
}

function say(key, entry) {
  announcer.textContent = text(key, { who: inOneLine(wording(entry)) });
}
