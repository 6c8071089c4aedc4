/** One pop-up: one call, on the screen. Whatever people or boxes wrote gets in as text. */
import { duration, serverNow } from "../client/clock.js";
import { button, element, icon, link, setText } from "./elements.js";
import { momentOf } from "./moment.js";

/**
 * @typedef {import("../client/calls.js").Entry} Entry
 * @typedef {import("./settings.js").ContactTable} ContactTable
 * @typedef {object} Actions what a click does
 * @property {(entry: Entry) => void} dismiss
 * @property {(entry: Entry, candidate: any) => void} choose
 * @property {(entry: Entry, table: ContactTable) => void} create
 * @property {(entry: Entry, table: ContactTable) => void} search
 */

let count = 0;

export class Popup {
  /** @type {Entry} */
  #entry;
  #say;
  #actions;
  #parts = {};
  #shownChoice = "";

  /**
   * @param {import("../client/wording.js").Wording} say
   * @param {ContactTable[]} contactTables
   * @param {Actions} actions
   */
  constructor(say, contactTables, actions) {
    this.#say = say;
    this.#actions = actions;
    this.element = this.#build(contactTables);
  }

  /** Show what is known of the call now. @param {Entry} entry */
  update(entry) {
    this.#entry = entry;
    const said = this.#say.of(entry);
    const parts = this.#parts;
    this.element.dataset.call = entry.call.id;
    this.element.dataset.kind = said.kind;
    parts.icon.show(said.icon);
    for (const name of ["status", "company", "number", "note", "office"]) setText(parts[name], said[name]);
    this.#showWho(said);
    this.#showCandidates(said);
    this.#showActions(said);
    this.tick();
  }

  /** What the call looked like at the last update: `ringing`, `missed` …; empty before the first one. */
  get kind() {
    return this.element.dataset.kind ?? "";
  }

  /** Let the clock run: since when it rings, or is talked; of a missed call, when it came. */
  tick() {
    const { call } = this.#entry;
    const seen = Date.parse(call.received_at);
    if (call.state !== "ended") setText(this.#parts.clock, duration((serverNow() - seen) / 1000));
    else if (call.outcome === "missed") setText(this.#parts.clock, momentOf(this.#say, call));
    else setText(this.#parts.clock, call.duration ? duration(call.duration) : "");
  }

  #showWho(said) {
    const { title, open } = this.#parts;
    setText(said.link ? open : title, said.title);
    title.hidden = said.link !== "";
    open.hidden = said.link === "";
    if (said.link) open.href = said.link;
    open.title = this.#say.text("open", { who: said.title });
  }

  #showCandidates(said) {
    const { candidates, choices } = this.#parts;
    candidates.hidden = said.candidates.length === 0;
    const choice = JSON.stringify(said.candidates);
    if (choice === this.#shownChoice) return; // keeps the focus
    this.#shownChoice = choice;
    choices.replaceChildren(...said.candidates.map((candidate) => {
      const choose = button("callmonitor-choice", candidate.name, () => this.#actions.choose(this.#entry, candidate));
      if (candidate.company) choose.append(" ", element("span", "callmonitor-quiet", candidate.company));
      return element("li", "", choose);
    }));
  }

  #showActions(said) {
    const { call, contact, shown } = this.#entry;
    this.#parts.record.hidden = said.recordLink === "";
    if (said.recordLink) this.#parts.record.href = said.recordLink;
    const isStranger = contact !== null && !contact.candidates.some((candidate) => candidate.source === "limbas");
    const hasNumber = shown.number !== "" && !call.remote.suppressed;
    for (const action of this.#parts.forStrangers) action.hidden = !(isStranger && hasNumber);
    this.#parts.done.hidden = said.kind !== "missed";
    this.#parts.actions.hidden = [...this.#parts.actions.children].every((action) => action.hidden);
  }

  #build(contactTables) {
    const parts = this.#parts;
    const text = (key, values) => this.#say.text(key, values);
    const several = contactTables.length > 1;
    const dismiss = () => this.#actions.dismiss(this.#entry);
    parts.icon = icon("question");
    for (const name of ["status", "clock"]) parts[name] = element("span", `callmonitor-${name}`);
    for (const name of ["title", "company", "number", "note", "office"]) parts[name] = element("p", `callmonitor-${name}`);
    parts.open = link("callmonitor-open");
    parts.choices = element("ul", "callmonitor-choices");
    parts.candidates = element("div", "callmonitor-candidates", element("p", "", text("who-is-it")), parts.choices);
    parts.record = link("callmonitor-action", text("open-record"));
    parts.forStrangers = contactTables.flatMap((table) => {
      const action = (key, act) =>
        button("callmonitor-action", several ? text(`${key}-in`, { table: table.label }) : text(key), () =>
          act(this.#entry, table),
        );
      const searching = action("search", this.#actions.search);
      return table.may_add ? [action("new-contact", this.#actions.create), searching] : [searching];
    });
    parts.done = button("callmonitor-action callmonitor-done", text("done"), dismiss);
    parts.actions = element("div", "callmonitor-actions", ...parts.forStrangers, parts.record, parts.done);
    const close = button("callmonitor-close", icon("close").element, dismiss);
    close.setAttribute("aria-label", text("close"));
    const who = element("div", "callmonitor-who", parts.title, parts.open, parts.company, parts.number, parts.note);
    who.id = `callmonitor-who-${++count}`;
    const popup = element(
      "div",
      "callmonitor-popup toast show",
      element("div", "callmonitor-head", parts.icon.element, parts.status, parts.clock, close),
      element("div", "callmonitor-body", who, parts.office, parts.candidates, parts.actions),
    );
    popup.setAttribute("role", "group");
    popup.setAttribute("aria-labelledby", who.id);
    popup.addEventListener("keydown", (event) => event.key === "Escape" && dismiss());
    return popup;
  }
}
