/** What the pop-ups say: the texts that they share with the service's own page, and some of their own. */

const FOLDERS = ["../client/texts/", "../texts/"];

/**
 * @param {"de" | "en"} language
 * @returns {Promise<Record<string, string>>}
 * @throws {Error} when a file is not where the installation puts it
 */
export async function loadTexts(language) {
  const files = await Promise.all(FOLDERS.map((folder) => load(new URL(`${folder}${language}.json`, import.meta.url))));
  return Object.assign({}, ...files);
}

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address.pathname} is missing`);
  return answer.json();
}
