/** Time as the server has it: the clock of the computer in front of the user may be wrong. */

let ahead = 0;

/** @param {string} now the server's time as it sent it */
export function setServerTime(now) {
  ahead = Date.parse(now) - Date.now();
}

/** @returns {number} the server's time in milliseconds since 1970 */
export function serverNow() {
  return Date.now() + ahead;
}

/** @param {number} seconds @returns {string} `0:07`, `12:34`, `1:02:03` */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
