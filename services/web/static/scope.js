/** Whether all calls are wanted, or those of one's own numbers and phones: the server decides which these are. */

const KEY = "callmonitor-mine";
const byId = (id) => document.getElementById(id);
const mine = byId("only-mine");

/** As it was chosen in any tab of this browser. */
export const scope = { mine: localStorage.getItem(KEY) === "1" };

/** @param {() => void} onChange other calls are wanted */
export function listenForScope(onChange) {
  const change = (wanted) => {
    if (wanted === scope.mine) return;
    scope.mine = wanted;
    onChange();
  };
  mine.addEventListener("change", () => {
    localStorage.setItem(KEY, mine.checked ? "1" : "0");
    change(mine.checked);
  });
  addEventListener("storage", ({ key, newValue }) => key === KEY && change(newValue === "1"));
}

/** @param {{calls: "all" | "own", mine: boolean}} you whom the server takes the reader for */
export function showScope(you) {
  mine.checked = scope.mine;
  // Who sees their own calls only, or has none, has nothing to choose.
  byId("scope").hidden = !you.mine || you.calls !== "all";
}
