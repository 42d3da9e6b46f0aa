/** One token that the hub knows, by the SHA-256 of its text in lower-case hex; the text itself is not kept. */
export type KnownToken =
  | { readonly kind: 'probe'; readonly sha256: string; readonly pbx: string; readonly probe: string }
  | {
      readonly kind: 'user';
      readonly sha256: string;
      readonly name: string;
      readonly role: 'viewer' | 'operator' | 'admin';
    };

/** Tokens by digest. Comparing digests in a table leaks nothing of a token's text. */
export type TokenTable = ReadonlyMap<string, KnownToken>;

/**
 * True where a request names a loopback address as its host: a page of another site whose name was bound to loopback
 * (DNS rebinding) names itself, and must not be taken for a person at this machine.
 *
 * @param host - the `Host` header, port included.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return /^(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d{1,5})?$/i.test(host ?? '');
}

/** Orders the roles: what a role may do, the greater may too. */
export const ROLE_RANK = { viewer: 1, operator: 2, admin: 3 } as const;

/**
 * Takes the token out of an `Authorization: Bearer` header (RFC 6750 §2.1).
 *
 * @returns undefined for a missing or malformed header.
 */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/-]{1,512}={0,64})$/i.exec(header ?? '')?.[1];
}
