/** The calls that are over, by day. */
import { duration } from "./client/clock.js";
import { beginningOf } from "./client/wording.js";
import { fromTemplate, keyed, part, setAddress, setIcon, setText } from "./dom.js";
import { say } from "./language.js";

const ROLES = ["status", "direction", "company", "note", "office", "record"];

/** @param {import("./client/calls.js").Entry[]} entries the newest first @param {number} now */
export function showHistory(entries, now) {
  const days = new Map();
  for (const entry of entries) {
    const name = say.nameOfDay(beginningOf(entry.call), now);
    days.set(name, [...(days.get(name) ?? []), entry]);
  }
  const parent = document.getElementById("days");
  keyed(parent, [...days], ([name]) => name, makeDay, (element, [name, rows]) => {
    setText(element.firstElementChild, name);
    keyed(element.lastElementChild, rows, (entry) => entry.call.id, () => fromTemplate("row"), showRow);
  });
  document.getElementById("no-calls").hidden = entries.length > 0;
}

function makeDay() {
  const day = document.createElement("div");
  const rows = document.createElement("ol");
  rows.className = "rows";
  day.append(document.createElement("h3"), rows);
  return day;
}

function showRow(row, entry) {
  const { call } = entry;
  const said = say.of(entry);
  row.dataset.kind = said.kind;
  row.classList.toggle("unsure", said.candidates.length > 0);
  setIcon(row.querySelector("use"), said.icon);
  for (const role of ROLES) setText(part(row, role), said[role]);
  setText(part(row, "title"), say.inOneLine(said));
  setAddress(part(row, "title"), said.link);
  // With several candidates the number is the card's title, but not the row's.
  setText(part(row, "number"), said.number || (said.candidates.length ? said.title : ""));
  setText(part(row, "length"), call.duration ? say.text("minutes", { duration: duration(call.duration) }) : "");
  const mark = row.querySelector(".record");
  mark.hidden = !said.record;
  mark.title = said.record;
  setAddress(mark, said.recordLink);
  const time = part(row, "time");
  time.dateTime = new Date(beginningOf(call)).toISOString();
  setText(time, say.timeOfDay(beginningOf(call)));
}
