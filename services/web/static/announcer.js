/** Says what happens to those who do not look at the page: by screen reader, and in the name of the tab. */
import { isInProgress } from "./client/calls.js";
import { say } from "./language.js";

/** The name comes a moment after the ring; in milliseconds. */
const NAME_TAKES = 700;

const announcer = document.getElementById("announcer");

/** An event came in. @param {string} name @param {import("./client/calls.js").Entry} entry */
export function announce(name, entry) {
  if (name === "call.ringing") {
    setTimeout(() => isInProgress(entry) && speak("announce-ringing", entry), NAME_TAKES);
  } else if (name === "call.ended" && entry.call.outcome === "missed") {
    speak("announce-missed", entry);
  }
}

/** The name of the tab: who is calling. @param {import("./client/calls.js").Entry[]} entries */
export function showInTab(entries) {
  const ringing = entries.find((entry) => entry.call.state === "ringing");
  document.title = ringing ? say.text("tab-ringing", { who: whoIs(ringing) }) : say.text("title");
}

function speak(key, entry) {
  announcer.textContent = say.text(key, { who: whoIs(entry) });
}

function whoIs(entry) {
  return say.inOneLine(say.of(entry));
}
