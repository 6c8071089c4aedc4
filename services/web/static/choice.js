/** "Who is it?": the candidates of a call, of whom a person picks one. */
import { keyed, setText } from "./dom.js";
import { say } from "./language.js";

/** Calls whose choice is on its way, or did not get there. @type {Map<string, "asking" | "failed">} */
const progress = new Map();
let choose = async () => {};
let redraw = () => {};

/**
 * @param {(id: string, candidate: any) => Promise<void>} onChoose asks the server
 * @param {() => void} onProgress
 */
export function listenForChoices(onChoose, onProgress) {
  choose = onChoose;
  redraw = onProgress;
}

/**
 * @param {Element} block with a list, and a place for a message
 * @param {any} call
 * @param {any[]} candidates as wording names them
 */
export function showChoice(block, call, candidates) {
  const { id } = call;
  block.hidden = candidates.length === 0;
  // A phonebook's entry cannot be chosen, for there is no record; and without a number there is nothing to remember.
  const items = candidates.map((candidate, n) => ({
    ...candidate,
    n,
    canBeChosen: candidate.record_id !== null && call.remote.e164 !== null,
  }));
  keyed(
    block.querySelector("ul"),
    items,
    (item) => `${item.n} ${item.canBeChosen ? item.table + item.record_id : ""}`,
    () => document.createElement("li"),
    (element, item) => showCandidate(element, id, item),
  );
  const message = block.querySelector("[data-is=choice-failed]");
  setText(message, progress.get(id) === "failed" ? say.text("choice-failed") : "");
}

function showCandidate(element, id, candidate) {
  if (!element.firstElementChild) element.append(makeCandidate(id, candidate));
  const [name, company] = element.querySelectorAll("[data-is]");
  setText(name, candidate.name);
  setText(company, candidate.company);
  if (candidate.canBeChosen) element.firstElementChild.disabled = progress.get(id) === "asking";
}

function makeCandidate(id, candidate) {
  const chip = document.createElement(candidate.canBeChosen ? "button" : "span");
  chip.className = "candidate";
  if (candidate.canBeChosen) {
    chip.type = "button";
    chip.append(span("for-ears", `${say.text("this-is")} `));
    chip.addEventListener("click", () => ask(id, candidate));
  }
  for (const role of ["candidate-name", "candidate-company"]) {
    const part = span(role, "");
    part.dataset.is = role;
    chip.append(part, " ");
  }
  return chip;
}

function span(className, content) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = content;
  return element;
}

async function ask(id, candidate) {
  progress.set(id, "asking");
  redraw();
  try {
    await choose(id, candidate);
    progress.delete(id);
  } catch {
    progress.set(id, "failed");
  }
  redraw();
}
