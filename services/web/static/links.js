/** Where a record of Limbas is opened, for the tables that the server has a link for. */

/** @type {Record<string, string>} */
let byTable = {};

/** @param {Record<string, string>} links addresses with `{id}` in them, by table */
export function setLinks(links) {
  byTable = links;
}

/** @param {string} table @param {number | null} id @returns {string} empty when there is none */
export function linkTo(table, id) {
  return id !== null && Object.hasOwn(byTable, table) ? byTable[table].replace("{id}", String(id)) : "";
}
