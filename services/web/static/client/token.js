/** Reads what a token says of its holder. Whether it is true, only the server can tell. */

/** @param {string} token a JWT @returns {Record<string, any>} its claims; none when it is not one */
export function claimsOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return {};
  }
}

/** @param {string} token @returns {number} when it ends, in milliseconds since 1970 by the server's clock; NaN: unknown */
export function endOf(token) {
  return Number(claimsOf(token).exp) * 1000;
}
