/** Fewest characters of a token: 128 bits in base64. */
export const MIN_TOKEN_LENGTH = 22;

/** Most characters of a token. */
export const MAX_TOKEN_LENGTH = 512;

/**
 * What keeps a text from being a token that can be sent as `Authorization: Bearer` (RFC 6750 §2.1, `b64token`).
 *
 * @returns one sentence that does not show the text, or undefined for a good one.
 */
export function tokenFault(text: string): string | undefined {
  if (text.length < MIN_TOKEN_LENGTH) return `a token has at least ${MIN_TOKEN_LENGTH} characters`;
  if (text.length > MAX_TOKEN_LENGTH) return `a token has at most ${MAX_TOKEN_LENGTH} characters`;
  return /^[A-Za-z0-9._~+/-]+=*$/.test(text)
    ? undefined
    : 'a token is made of letters, digits and - . _ ~ + /, with = at its end';
}
