/** The pop-ups at the lower right: beside Limbas' own messages if it has them there, else in a place of their own. */
import { button, element, setText } from "./elements.js";
import { Popup } from "./popup.js";

/** How long a message stays, in milliseconds. */
const MESSAGE = 10_000;

export class Popups {
  /** @type {Map<string, Popup>} by call */
  #popups = new Map();
  #say;
  #make;
  #list;
  #more;
  #moreText;
  #message;
  #announcer;
  #messageTimer = 0;
  #region;
  #stale = false;

  /**
   * @param {import("../client/wording.js").Wording} say
   * @param {import("./settings.js").ContactTable[]} contactTables
   * @param {import("./popup.js").Actions} actions
   * @param {() => void} dismissAll deal with all that there is no room for, and all that is shown
   */
  constructor(say, contactTables, actions, dismissAll) {
    this.#say = say;
    this.#make = () => new Popup(say, contactTables, actions);
    this.#list = element("div", "callmonitor-list");
    this.#moreText = element("span", "");
    const allDone = button("callmonitor-action", say.text("all-done"), dismissAll);
    this.#more = element("div", "callmonitor-more toast show", this.#moreText, allDone);
    this.#message = element("div", "callmonitor-message toast show");
    this.#message.setAttribute("role", "status");
    this.#announcer = element("p", "callmonitor-for-ears");
    this.#announcer.setAttribute("aria-live", "polite");
    this.#more.hidden = this.#message.hidden = true;
    this.#mount();
  }

  /** @param {import("./deck.js").Hand} hand */
  show({ shown, more }) {
    const ids = new Set(shown.map(({ call }) => call.id));
    for (const [id, popup] of this.#popups) if (!ids.has(id)) this.#remove(id, popup);
    let place = this.#list.firstElementChild;
    for (const entry of shown) {
      const popup = this.#popups.get(entry.call.id) ?? this.#add(entry);
      const before = popup.kind;
      popup.update(entry);
      if (popup.kind !== before) this.#announce(entry, popup.kind);
      if (popup.element === place) place = place.nextElementSibling;
      else this.#list.insertBefore(popup.element, place);
    }
    this.#more.hidden = more.length === 0;
    const key = more.length === 1 ? "one-more-call" : "more-calls";
    setText(this.#moreText, this.#say.text(key, { count: more.length }));
  }

  /** Let the clocks run. */
  tick() {
    if (!this.#stale) for (const popup of this.#popups.values()) popup.tick();
  }

  /** Whether nobody knows if what is shown still goes on. @param {boolean} stale */
  setStale(stale) {
    this.#stale = stale;
    this.#region.classList.toggle("callmonitor-stale", stale);
  }

  /** Say something that is nobody's call. @param {string} text */
  say(text) {
    clearTimeout(this.#messageTimer);
    this.#message.hidden = false;
    this.#message.textContent = text;
    this.#messageTimer = setTimeout(() => (this.#message.hidden = true), MESSAGE);
  }

  #add(entry) {
    const popup = this.#make();
    this.#popups.set(entry.call.id, popup);
    return popup;
  }

  #announce(entry, kind) {
    if (kind !== "ringing" && kind !== "missed") return;
    const who = this.#say.inOneLine(this.#say.of(entry));
    this.#announcer.textContent = this.#say.text(`announce-${kind}`, { who });
  }

  #remove(id, popup) {
    const focused = popup.element.contains(document.activeElement);
    const next = popup.element.nextElementSibling ?? popup.element.previousElementSibling;
    popup.element.remove();
    this.#popups.delete(id);
    // Who closes several by keyboard does not begin anew each time.
    if (focused) next?.querySelector(".callmonitor-close").focus();
  }

  #mount() {
    this.#region = element("section", "callmonitor-popups", this.#announcer, this.#more, this.#list, this.#message);
    this.#region.setAttribute("aria-label", this.#say.text("calls"));
    const theirs = document.querySelector(".toast-container");
    if (theirs) theirs.prepend(this.#region);
    else document.body.append(element("div", "callmonitor-corner", this.#region));
  }
}
