/** Tells the service who a caller is: the number is that contact's from then on, and the call is linked to it. */

/**
 * @param {string} service its address
 * @param {string} token
 * @param {string} callId
 * @param {{table: string, record_id: number}} candidate one of the call's
 * @throws {Error} when the service does not take it, or cannot be reached
 */
export async function pin(service, token, callId, { table, record_id }) {
  const answer = await fetch(new URL(`api/calls/${encodeURIComponent(callId)}/contact`, service), {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ table, record_id }),
    credentials: "omit",
  });
  if (!answer.ok) throw new Error(`the service answered ${answer.status}`);
}
