/** Whether a final status says that the SIP service behind an edge is there. */
export type AliveCodes = (statusCode: number) => boolean;

/** Replies that speak for the service unless the configuration says otherwise: all but server failures (RFC 3261 §21.5). */
export const DEFAULT_ALIVE_CODES: readonly string[] = ['2xx', '3xx', '4xx', '6xx'];

/**
 * Reads a list of codes (`404`) and classes (`4xx`).
 *
 * @see RFC 3261 §11.2: an OPTIONS is answered as an INVITE would be, so that 404 or 486 come from a service that works.
 */
export function aliveCodes(list: readonly string[]): AliveCodes {
  const known = new Set(list);
  return (statusCode) => known.has(String(statusCode)) || known.has(`${Math.floor(statusCode / 100)}xx`);
}
