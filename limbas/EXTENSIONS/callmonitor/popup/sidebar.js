/**
 * Our entry in Limbas' right sidebar: the badge, and the preview below the entry. Limbas fetches the preview when
 * somebody unfolds the entry, and again from time to time; what it brings is an empty `.callmonitor-preview`. The sidebar
 * may be folded away, or not be there at all.
 */
import { duration, serverNow } from "../client/clock.js";
import { isInProgress } from "../client/calls.js";
import { element, icon, link, setText } from "./elements.js";
import { momentOf } from "./moment.js";

/** How many missed calls the preview tells of. */
const MISSED = 5;

export class Sidebar {
  #say;
  #badge;
  #frame;
  #shown = "";
  #problem = "";
  /** Null before anybody knows. */
  #entries = null;

  /**
   * @param {number} number which entry is ours
   * @param {import("../client/wording.js").Wording} say
   */
  constructor(number, say) {
    this.#say = say;
    this.#badge = document.getElementById(`multiframeCount_${number}`);
    this.#badge?.classList.add("text-dark"); // on Limbas' yellow; Bootstrap's badges are white
    this.#frame = document.getElementById(`limbasDivMultiframePreview${number}`);
    if (this.#frame) new MutationObserver(() => this.#draw()).observe(this.#frame, { childList: true });
  }

  /**
   * @param {import("../client/calls.js").Entry[]} entries the newest first
   * @param {import("../client/calls.js").Entry[]} missed those that somebody has to deal with, the newest first
   */
  show(entries, missed) {
    this.#entries = { now: entries.filter(isInProgress), missed: missed.slice(0, MISSED) };
    if (this.#badge) {
      setText(this.#badge, missed.length ? String(missed.length) : "");
      this.#badge.classList.toggle("d-none", missed.length === 0);
    }
    this.#draw();
  }

  /** Say what is wrong, if anything is. @param {string} text empty when nothing is */
  showProblem(text) {
    this.#problem = text;
    this.#draw();
  }

  /** Let the clocks of the calls that are going on run. */
  tick() {
    for (const clock of this.#frame?.querySelectorAll("[data-since]") ?? []) {
      setText(clock, duration((serverNow() - Number(clock.dataset.since)) / 1000));
    }
  }

  #draw() {
    const preview = this.#frame?.querySelector(".callmonitor-preview");
    if (!preview || (!this.#entries && !this.#problem)) return;
    const text = (key) => this.#say.text(key);
    const calls = this.#entries?.now.map((entry) => this.#describe(entry));
    const missed = this.#entries?.missed.map((entry) => this.#describe(entry));
    const shown = JSON.stringify([this.#problem, calls, missed]);
    if (shown === this.#shown && preview.childElementCount) return; // keeps the focus
    this.#shown = shown;
    preview.replaceChildren(
      ...(this.#problem ? [element("p", "callmonitor-problem", this.#problem)] : []),
      ...section(calls, text("nobody-calls-now")),
      ...section(missed, text("nothing-missed"), text("missed-calls")),
    );
    this.tick();
  }

  #describe(entry) {
    const said = this.#say.of(entry);
    const inProgress = isInProgress(entry);
    return {
      kind: said.kind,
      icon: said.icon,
      status: said.status,
      who: this.#say.inOneLine(said),
      address: said.link || said.recordLink,
      since: inProgress ? Date.parse(entry.call.received_at) : null,
      time: inProgress ? "" : momentOf(this.#say, entry.call),
    };
  }
}

/** Nothing before anybody knows, a word where there are none. */
function section(items, none, title = "") {
  if (!items) return [];
  if (!items.length) return [element("p", "callmonitor-quiet", none)];
  const list = element("ul", "callmonitor-calls", ...items.map(row));
  return title ? [element("p", "callmonitor-heading", title), list] : [list];
}

function row({ kind, icon: symbol, status, who, address, since, time }) {
  const name = address ? link("callmonitor-call-who", who) : element("span", "callmonitor-call-who", who);
  if (address) name.href = address;
  const clock = element("span", "callmonitor-clock", time);
  if (since !== null) clock.dataset.since = String(since);
  const item = element("li", "callmonitor-call", icon(symbol).element, element("span", "callmonitor-for-ears", status), name, clock);
  item.dataset.kind = kind;
  return item;
}
