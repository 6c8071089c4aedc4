/** The token: it comes in the fragment of the address, which browsers never send, and stays in this tab. */

const KEY = "callmonitor-token";

/**
 * Takes the token out of the address bar, if there is one, so that it is in no bookmark and on no screenshot.
 * @returns {string | null} the token of this tab
 */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    sessionStorage.setItem(KEY, token);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY);
}

/** @param {string} token a newer one, for when the page is loaded again */
export function keepToken(token) {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
}
