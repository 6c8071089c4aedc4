/** What `ext_multiframe.inc` says of this Limbas, in `<script type="application/json" id="callmonitor-settings">`. */

/**
 * @typedef {object} ContactTable
 * @property {string} table its name in the database, as events name it: `KUNDEN`
 * @property {string} label as people read it: `Kunden`
 * @property {number} gtabid
 * @property {boolean} may_add whether the user may make new records in it
 * @property {number[]} phone_fields the ids of the fields that hold numbers, the first one first
 *
 * @typedef {object} Settings
 * @property {string} service the address of the event service, with a `/` at its end
 * @property {string} token where Limbas mints a token for whoever is logged in
 * @property {string} user
 * @property {"de" | "en"} language
 * @property {Record<string, number>} tables table ids by name
 * @property {ContactTable[]} contactTables where new contacts are made, and numbers searched
 * @property {number} sidebar which entry of the sidebar is ours
 */

/**
 * @returns {Settings}
 * @throws {Error} when there are none, or not what we need; the text is one sentence for the administrator
 */
export function readSettings() {
  const block = document.getElementById("callmonitor-settings");
  if (!block) throw new Error("the page has no settings for it");
  const said = JSON.parse(block.textContent) ?? {};
  if (!isText(said.service) || !isText(said.token)) {
    throw new Error("the settings name no event service, or no address for tokens");
  }
  return {
    service: new URL(said.service.replace(/\/*$/, "/"), document.baseURI).href,
    token: new URL(said.token, document.baseURI).href,
    user: String(said.user ?? ""),
    language: String(said.language ?? "").startsWith("de") ? "de" : "en",
    tables: said.tables ?? {},
    contactTables: said.contact_tables ?? [],
    sidebar: Number(said.sidebar),
  };
}

function isText(value) {
  return typeof value === "string" && value !== "";
}
