/** Says what happens to those who do not look at the page: by screen reader, and in the name of the tab. */
import { isInProgress } from "./client/calls.js";
import { rejectedAtOnce } from "./client/missed.js";
import { say } from "./language.js";

/** The name comes a moment after the ring; in milliseconds. */
const NAME_TAKES = 700;

const announcer = document.getElementById("announcer");

/** An event came in. @param {string} name @param {import("./client/calls.js").Entry} entry */
export function announce(name, entry) {
  if (name === "call.ringing") {
    setTimeout(() => isInProgress(entry) && speak("announce-ringing", entry), NAME_TAKES);
  } else if (name === "call.ended" && entry.call.outcome === "missed" && !rejectedAtOnce(entry.call)) {
    speak("announce-missed", entry);
  }
}

/**
 * The name of the tab: who is calling, or how many calls were missed.
 * @param {import("./client/calls.js").Entry[]} entries the calls of this moment
 * @param {number} missed
 */
export function showInTab(entries, missed) {
  const ringing = entries.find((entry) => entry.call.state === "ringing");
  const title = ringing ? say.text("tab-ringing", { who: whoIs(ringing) }) : say.text("title");
  document.title = missed ? `(${missed}) ${title}` : title;
}

function speak(key, entry) {
  announcer.textContent = say.text(key, { who: whoIs(entry) });
}

function whoIs(entry) {
  return say.inOneLine(say.of(entry));
}
