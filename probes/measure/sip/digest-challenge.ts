import { Cursor, isTokenCharacter } from './cursor.ts';

/** Digest algorithms that SIP knows; `-sess` binds the key to the first nonces. @see RFC 8760 §2.1, RFC 7616 §3.3. */
export const DIGEST_ALGORITHMS = [
  'MD5',
  'MD5-sess',
  'SHA-256',
  'SHA-256-sess',
  'SHA-512-256',
  'SHA-512-256-sess',
] as const;

/** One of {@link DIGEST_ALGORITHMS}. */
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** One Digest challenge that can be answered. Strings are without quotes, one character for each byte. */
export type DigestChallenge = {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** `none`: the server speaks RFC 2069, without nonce count. */
  readonly qop: 'auth' | 'none';
  /** The nonce had run out; the credentials themselves were right. */
  readonly isStale: boolean;
};

/**
 * Reads one WWW-Authenticate or Proxy-Authenticate value. Never throws.
 *
 * ```
 * Digest realm="…", nonce="…" [, opaque="…"] [, algorithm=token] [, qop="auth,auth-int"] [, stale=true|false] …
 * ```
 *
 * Unknown parameters are passed over. A missing algorithm is MD5.
 *
 * @returns `undefined` for another scheme, a malformed or repeated parameter, a missing realm or nonce, an unknown
 *   algorithm, or a qop without `auth`.
 * @see RFC 3261 §20.27, §20.44, §25.1 `challenge`; RFC 8760 §2.
 */
export function parseDigestChallenge(value: string): DigestChallenge | undefined {
  const parameters = takeChallenge(value);
  const realm = parameters?.get('realm');
  const nonce = parameters?.get('nonce');
  if (!parameters || realm === undefined || nonce === undefined || nonce === '') return undefined;
  const named = (parameters.get('algorithm') ?? 'MD5').toLowerCase();
  const algorithm = DIGEST_ALGORITHMS.find((known) => known.toLowerCase() === named);
  const options = parameters.get('qop')?.split(',');
  const hasAuth = options?.some((option) => option.trim().toLowerCase() === 'auth');
  if (!algorithm || hasAuth === false) return undefined;
  const isStale = parameters.get('stale')?.toLowerCase() === 'true';
  return { realm, nonce, opaque: parameters.get('opaque'), algorithm, qop: hasAuth ? 'auth' : 'none', isStale };
}

/**
 * The challenge to answer: the topmost that can be answered, since the server orders them by preference.
 *
 * @param values - WWW-Authenticate (or Proxy-Authenticate) values in the order of the response.
 * @param realm - answer this realm alone; any when `undefined`.
 * @see RFC 8760 §2.4.
 */
export function chooseChallenge(values: readonly string[], realm?: string): DigestChallenge | undefined {
  for (const value of values) {
    const challenge = parseDigestChallenge(value);
    if (challenge && (realm === undefined || challenge.realm === realm)) return challenge;
  }
  return undefined;
}

function takeChallenge(value: string): ReadonlyMap<string, string> | undefined {
  const cursor = new Cursor(value);
  cursor.skipBlanks();
  if (cursor.takeWhile(isTokenCharacter).toLowerCase() !== 'digest' || !cursor.skipBlanks()) return undefined;
  const parameters = new Map<string, string>();
  do {
    const name = cursor.takeWhile(isTokenCharacter).toLowerCase();
    if (name === '' || parameters.has(name) || !cursor.acceptSeparator('=')) return undefined;
    const quoted = cursor.takeQuoted();
    const text = quoted === undefined ? cursor.takeWhile(isTokenCharacter) : unquoted(quoted);
    if (quoted === undefined && text === '') return undefined;
    parameters.set(name, text);
  } while (cursor.acceptSeparator(','));
  cursor.skipBlanks();
  return cursor.isAtEnd ? parameters : undefined;
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
}
