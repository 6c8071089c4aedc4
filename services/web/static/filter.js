/** Which calls of the list are wanted: all or missed ones, and what is searched for. */

const byId = (id) => document.getElementById(id);
const search = byId("search");
const buttons = [...document.querySelectorAll("[data-filter]")];

/** What is wanted now. */
export const wanted = { missed: false, q: "" };

/** @param {() => void} onChange something else is wanted */
export function listenForFilters(onChange) {
  const change = (changes) => {
    Object.assign(wanted, changes);
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String((button.dataset.filter === "missed") === wanted.missed));
    }
    onChange();
  };
  for (const button of buttons) {
    button.addEventListener("click", () => change({ missed: button.dataset.filter === "missed" }));
  }
  search.addEventListener("input", () => change({ q: search.value.trim() }));
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    if (search.value) {
      search.value = "";
      change({ q: "" });
    } else {
      search.blur();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || search.closest("[hidden]")) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
}

/** @param {number} count missed calls that nobody has dealt with */
export function showMissedCount(count) {
  const badge = byId("missed-count");
  badge.textContent = String(count);
  badge.hidden = count === 0;
  byId("all-dealt-with").hidden = count === 0 || !wanted.missed || wanted.q !== "";
}
