/** Finds calls among those that are here, while one types. The server finds more, and knows more spellings. */
import { say } from "./language.js";

/** @param {import("./client/calls.js").Entry} entry @param {string} typed @returns {boolean} whether all words are in it */
export function matches(entry, typed) {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  if (!words.length) return true;
  const said = say.of(entry);
  const { remote, own_number } = entry.call;
  const names = (entry.contact?.candidates ?? []).flatMap(({ name, company }) => [name, company]);
  const text = folded([said.title, said.company, said.note, said.office, ...names].join("\n"));
  const digits = [said.number, said.title, remote.received, remote.e164, own_number].map(digitsOf).join("\n");
  return words.every((word) => text.includes(word) || (digitsOf(word) && digits.includes(digitsOf(word))));
}

/** Without case and accents. */
function folded(text) {
  return text.normalize("NFD").replace(/\p{Mark}/gu, "").toLowerCase().replaceAll("ß", "ss");
}

/** The digits of what looks like a number or a part of one. */
function digitsOf(text) {
  return /^[\d\s()+/.-]+$/.test(text ?? "") ? text.replace(/\D/g, "") : "";
}
