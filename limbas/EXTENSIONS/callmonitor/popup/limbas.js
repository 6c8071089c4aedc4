/**
 * What Limbas is asked to do, all of it in its main frame.
 *
 * Addresses name tables and records, never a number or a name: web servers write addresses to their logs.
 */

/** @typedef {import("./settings.js").ContactTable} ContactTable */

export class Limbas {
  #frame;
  #tables;
  #creating = false;

  /** @param {HTMLIFrameElement} frame @param {Record<string, number>} tables ids by name */
  constructor(frame, tables) {
    this.#frame = frame;
    this.#tables = tables;
  }

  /**
   * Where a record is opened.
   * @param {string} table @param {number | null} id
   * @returns {string} empty when this Limbas has no such table, or the user may not see it
   */
  addressOf(table, id) {
    if (id === null || id === undefined || !Object.hasOwn(this.#tables, table)) return "";
    return `main.php?action=gtab_change&gtabid=${this.#tables[table]}&ID=${id}`;
  }

  /** @param {string} address */
  open(address) {
    this.#frame.contentWindow.location.href = address;
  }

  /**
   * Make a new contact, and write the number into its form. Limbas creates the record as soon as the address is asked
   * for, so this must follow a click that means it; a second click while the first one is at work does nothing.
   * @param {ContactTable} table @param {string} number
   */
  create(table, number) {
    if (this.#creating) return;
    this.#creating = true;
    this.#frame.addEventListener("load", () => {
      this.#creating = false;
      fillIn(this.#frame, table, number);
    }, { once: true });
    this.open(`main.php?action=gtab_neu&gtabid=${table.gtabid}`);
  }

  /**
   * Show the contacts that have this number, however it is written. What is sent is what the search form of Limbas 5
   * and 7 sends (`gtab/html/contextmenus/gtab_search.php`): the pattern per field, `txt` 1 for "contains", and `andor` 2
   * for any of the fields.
   * @param {ContactTable} table @param {string} number as people write it
   */
  search(table, number) {
    const of = `gs[${table.gtabid}]`;
    post(this.#frame.name, [
      ["action", "gtab_erg"],
      ["gtabid", table.gtabid],
      ["next", 1],
      ["supersearch", 1],
      [`${of}[andor]`, 2],
      ...table.phone_fields.flatMap((field) => [
        [`${of}[${field}][0]`, patternOf(number)],
        [`${of}[${field}][txt][0]`, 1],
      ]),
    ]);
  }
}

/**
 * What a number has in common however it is written: its digits, without the `0` or the country code at its beginning,
 * and `%` for whatever stands between them, as in SQL.
 * @param {string} number `0221 4710123`, `+43 1 2345678`
 */
function patternOf(number) {
  const digits = number.replace(/^\+\d+/, "").replace(/\D/g, "");
  return [...digits.replace(/^0/, "")].join("%");
}

function fillIn(frame, table, number) {
  let form;
  try {
    const page = frame.contentWindow;
    const asked = new URLSearchParams(page.location.search);
    if (asked.get("action") !== "gtab_neu" || Number(asked.get("gtabid")) !== table.gtabid) return;
    form = page.document;
  } catch {
    return; // the browser's own page: the network is away
  }
  const fields = table.phone_fields.map((id) => form.getElementsByName(`g_${table.gtabid}_${id}`)[0]);
  const field = fields.find((candidate) => candidate && !candidate.value);
  if (!field) return;
  field.value = number;
  // Limbas saves the fields that told it of a change.
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function post(target, fields) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "main.php";
  form.target = target;
  form.hidden = true;
  for (const [name, value] of fields) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = String(value);
    form.append(input);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}
