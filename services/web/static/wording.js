/** What a call says to people: from an entry to texts. */
import { linkTo } from "./links.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const language = document.documentElement.lang;
/** The browser's own variant of the page's language: there are two ways to write a time in English. */
const region = navigator.languages.find((name) => name.split("-")[0] === language) ?? language;
const timeFormat = new Intl.DateTimeFormat(region, { timeStyle: "short" });
const dayFormat = new Intl.DateTimeFormat(region, { weekday: "long", day: "numeric", month: "long" });
const anyOf = new Intl.ListFormat(language, { type: "disjunction" });

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

/** @param {string} key @param {Record<string, string | number>} values what stands for `{name}` in the text */
export function text(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/**
 * @typedef {object} Wording
 * @property {string} kind what the call looks like: `ringing`, `missed` …
 * @property {string} status the same for people
 * @property {string} icon the symbol that goes with it
 * @property {string} direction for those who cannot see the symbol
 * @property {string} title who it is, as far as that is known without a guess
 * @property {string} link where that contact is opened, or empty
 * @property {string} company
 * @property {string} number empty when it is the title already
 * @property {string} note why there is no name, or where it comes from
 * @property {{name: string, company: string}[]} candidates several who it may be
 * @property {string} office the office's side: its number and its phone
 * @property {string} record which record the call has, or empty
 * @property {string} recordLink where that is opened, or empty
 */

/** @param {import("./calls.js").Entry} entry @returns {Wording} */
export function wording(entry) {
  const { call, contact, record, shown } = entry;
  const known = (contact?.candidates ?? []).filter((candidate) => candidate.match !== "place");
  const one = known.length === 1 ? known[0] : null;
  const number = shown.number;
  const shared = known.length > 1 && known.every((other) => other.company === known[0].company);
  const company = one ? one.company : shared ? known[0].company : "";
  const title = one?.name || company || number || text("unknown");
  const kind = kindOf(call);
  return {
    kind,
    status: text(`kind.${kind}`),
    icon: ICONS[kind] ?? call.direction ?? "question",
    direction: call.direction ? text(call.direction) : "",
    title,
    link: one ? linkTo(one.table, one.record_id) : "",
    company: company === title ? "" : company,
    number: number === title ? "" : number,
    note: noteOn(call, contact),
    candidates: one ? [] : known.map((other) => ({ name: other.name, company: shared ? "" : other.company })),
    office: officeSide(call, shown),
    record: record ? text("in-limbas", { table: record.table, id: record.record_id }) : "",
    recordLink: record ? linkTo(record.table, record.record_id) : "",
  };
}

/** @param {Wording} said @returns {string} who it is, or who it may be, in one line */
export function inOneLine(said) {
  if (!said.candidates.length) return said.title;
  const [first, second, ...more] = said.candidates.map((candidate) => candidate.name);
  return anyOf.format(more.length ? [first, second, text("others", { count: more.length })] : [first, second]);
}

/** @param {any} call @returns {number} when it began, in milliseconds since 1970, as far as anybody knows */
export function beginningOf(call) {
  return Date.parse(call.started_at ?? call.received_at);
}

/** @param {number} milliseconds since 1970 */
export function timeOfDay(milliseconds) {
  return timeFormat.format(milliseconds);
}

/** @param {number} milliseconds since 1970 @param {number} now */
export function nameOfDay(milliseconds, now) {
  const [that, today] = [startOfDay(milliseconds), startOfDay(now)];
  // Rounded: a day on which the clocks change has 23 or 25 hours.
  const ago = Math.round((today - that) / 86_400_000);
  return ago === 0 ? text("today") : ago === 1 ? text("yesterday") : dayFormat.format(that);
}

function startOfDay(milliseconds) {
  return new Date(milliseconds).setHours(0, 0, 0, 0);
}

function kindOf(call) {
  if (call.state === "ended") return KIND_BY_OUTCOME[call.outcome] ?? "lost";
  if (call.state === "connected") return call.extension?.kind === "answering machine" ? "recording" : "talking";
  return call.state;
}

function noteOn(call, contact) {
  if (call.remote.suppressed) return text("suppressed");
  if (!call.remote.received) return text("no-number");
  if (!contact) return ""; // before the matcher has answered nobody knows whether the caller is known
  const [first] = contact.candidates;
  if (!first) return text("unknown-caller");
  if (first.match === "place") return text("unknown-from", { place: language === "de" ? first.name : first.name_en });
  return NOTES[first.match] ? text(NOTES[first.match]) : "";
}

function officeSide(call, shown) {
  const parts = [shown.own_number, phoneName(call.extension)].filter(Boolean).join(" · ");
  if (!parts) return "";
  return text(call.direction === "outbound" ? "from-own" : "to-own", { own: parts });
}

function phoneName(extension) {
  return extension?.name.replace(GIVEN_NAME, (name) => text(`phone.${name}`));
}
