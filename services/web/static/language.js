/** The page's language: the texts are in the page, in the language that the server chose among ours. */
import { Wording } from "./client/wording.js";
import { linkTo } from "./links.js";

const texts = JSON.parse(document.getElementById("texts").textContent);

export const say = new Wording(texts, document.documentElement.lang, linkTo);
