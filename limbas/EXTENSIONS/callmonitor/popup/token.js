/** Asks Limbas for a token for whoever is logged in. Limbas knows that by its own session cookie. */

/**
 * @param {string} address
 * @returns {Promise<string>}
 * @throws {Error} when there is none to be had: Limbas is away, nobody is logged in any more, or it is not set up
 */
export async function fetchToken(address) {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
  // Limbas answers whom it does not know with its login page, and 200.
  const said = JSON.parse(await answer.text());
  if (!answer.ok || typeof said.token !== "string") throw new Error(said.error || `Limbas answered ${answer.status}`);
  return said.token;
}
