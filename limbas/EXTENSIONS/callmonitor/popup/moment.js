/** When a call came, in as few words as will do. */
import { serverNow } from "../client/clock.js";
import { beginningOf } from "../client/wording.js";

/** @param {import("../client/wording.js").Wording} say @param {any} call @returns {string} `14:05`, `Gestern, 14:05` */
export function momentOf(say, call) {
  const [began, now] = [beginningOf(call), serverNow()];
  const [day, today] = [say.nameOfDay(began, now), say.nameOfDay(now, now)];
  return day === today ? say.timeOfDay(began) : `${day}, ${say.timeOfDay(began)}`;
}
