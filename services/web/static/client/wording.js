/** What a call says to people: from an entry to texts. Which texts, and where records are opened, is handed in. */
import { rejectedAtOnce } from "./missed.js";

const KIND_BY_OUTCOME = {
  answered: "answered",
  missed: "missed",
  voicemail: "voicemail",
  "not reached": "not-reached",
  lost: "lost",
};

/** The names that ingest gives to phones without one of their own: see services/ingest/extensions.py. */
const GIVEN_NAME = /^(Answering machine|IP phone|Call through|Data|Mobile|Extension)(?=( \d+)?$)/;

/** What is said of a caller whose number does not simply stand in a record. */
const NOTES = { pinned: "pinned", "company by extension": "extension", phonebook: "phonebook" };

const ICONS = { missed: "missed", recording: "voicemail", voicemail: "voicemail", lost: "question" };

/**
 * @typedef {object} Said
 * @property {string} kind what the call looks like: `ringing`, `missed` …
 * @property {string} status the same for people
 * @property {string} icon the symbol that goes with it
 * @property {string} direction for those who cannot see the symbol
 * @property {string} title who it is, as far as that is known without a guess
 * @property {string} link where that contact is opened, or empty
 * @property {string} company
 * @property {string} number empty when it is the title already
 * @property {string} note why there is no name, or where it comes from
 * @property {any[]} candidates several who it may be, as the matcher names them; `company` empty where all have the same
 * @property {string} office the office's side: its number and its phone
 * @property {string} record which record the call has, or empty
 * @property {string} recordLink where that is opened, or empty
 */

export class Wording {
  #texts;
  #language;
  #linkTo;
  #time;
  #day;
  #anyOf;

  /**
   * @param {Record<string, string>} texts as in texts/de.json and texts/en.json
   * @param {string} language the one that they are in: `de`
   * @param {(table: string, id: number | null) => string} linkTo where a record of Limbas is opened; empty: nowhere
   */
  constructor(texts, language, linkTo) {
    this.#texts = texts;
    this.#language = language;
    this.#linkTo = linkTo;
    // The browser's own variant of the language: there are two ways to write a time in English.
    const region = navigator.languages.find((name) => name.split("-")[0] === language) ?? language;
    this.#time = new Intl.DateTimeFormat(region, { timeStyle: "short" });
    this.#day = new Intl.DateTimeFormat(region, { weekday: "long", day: "numeric", month: "long" });
    this.#anyOf = new Intl.ListFormat(language, { type: "disjunction" });
  }

  /** @param {string} key @param {Record<string, string | number>} values what stands for `{name}` in the text */
  text(key, values = {}) {
    return this.#texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** @param {import("./calls.js").Entry} entry @returns {Said} */
  of(entry) {
    const { call, contact, record, shown } = entry;
    const known = (contact?.candidates ?? []).filter((candidate) => candidate.match !== "place");
    const one = known.length === 1 ? known[0] : null;
    const number = shown.number;
    const shared = known.length > 1 && known.every((other) => other.company === known[0].company);
    const company = one ? one.company : shared ? known[0].company : "";
    const title = one?.name || company || number || this.text("unknown");
    const kind = kindOf(call);
    return {
      kind,
      status: this.text(`kind.${kind}`),
      icon: ICONS[kind] ?? call.direction ?? "question",
      direction: call.direction ? this.text(call.direction) : "",
      title,
      link: one ? this.#linkTo(one.table, one.record_id) : "",
      company: company === title ? "" : company,
      number: number === title ? "" : number,
      note: this.#noteOn(call, contact),
      candidates: one ? [] : known.map((other) => ({ ...other, company: shared ? "" : other.company })),
      office: this.#officeSide(call, shown),
      record: record ? this.text("in-limbas", { table: record.table, id: record.record_id }) : "",
      recordLink: record ? this.#linkTo(record.table, record.record_id) : "",
    };
  }

  /** @param {Said} said @returns {string} who it is, or who it may be, in one line */
  inOneLine(said) {
    if (!said.candidates.length) return said.title;
    const [first, second, ...more] = said.candidates.map((candidate) => candidate.name);
    return this.#anyOf.format(
      more.length ? [first, second, this.text("others", { count: more.length })] : [first, second],
    );
  }

  /** @param {number} milliseconds since 1970 */
  timeOfDay(milliseconds) {
    return this.#time.format(milliseconds);
  }

  /** @param {number} milliseconds since 1970 @param {number} now */
  nameOfDay(milliseconds, now) {
    const [that, today] = [startOfDay(milliseconds), startOfDay(now)];
    // Rounded: a day on which the clocks change has 23 or 25 hours.
    const ago = Math.round((today - that) / 86_400_000);
    return ago === 0 ? this.text("today") : ago === 1 ? this.text("yesterday") : this.#day.format(that);
  }

  #noteOn(call, contact) {
    if (call.remote.suppressed) return this.text("suppressed");
    if (!call.remote.received) return this.text("no-number");
    if (!contact) return ""; // before the matcher has answered nobody knows whether the caller is known
    const [first] = contact.candidates;
    if (!first) return this.text("unknown-caller");
    if (first.match === "place") {
      return this.text("unknown-from", { place: this.#language === "de" ? first.name : first.name_en });
    }
    return NOTES[first.match] ? this.text(NOTES[first.match]) : "";
  }

  #officeSide(call, shown) {
    const parts = [shown.own_number, this.#phoneName(call.extension)].filter(Boolean).join(" · ");
    if (!parts) return "";
    return this.text(call.direction === "outbound" ? "from-own" : "to-own", { own: parts });
  }

  #phoneName(extension) {
    return extension?.name.replace(GIVEN_NAME, (name) => this.text(`phone.${name}`));
  }
}

/** @param {any} call @returns {number} when it began, in milliseconds since 1970, as far as anybody knows */
export function beginningOf(call) {
  return Date.parse(call.started_at ?? call.received_at);
}

function startOfDay(milliseconds) {
  return new Date(milliseconds).setHours(0, 0, 0, 0);
}

function kindOf(call) {
  if (rejectedAtOnce(call)) return "rejected";
  if (call.state === "ended") return KIND_BY_OUTCOME[call.outcome] ?? "lost";
  if (call.state === "connected") return call.extension?.kind === "answering machine" ? "recording" : "talking";
  return call.state;
}
