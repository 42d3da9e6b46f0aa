import { createHash } from 'node:crypto';
import type { DigestAlgorithm, DigestChallenge } from './digest-challenge.ts';

/** Whom a challenge is answered for. Text is UTF-8 in the hash. */
export type DigestCredentials = { readonly username: string; readonly password: string };

/** The request that is authorised. */
export type DigestRequest = {
  readonly method: string;
  /** Request-URI exactly as it stands in the request line. */
  readonly uri: string;
  /** Fresh for each challenge and the same for every request that re-uses it: `-sess` keys depend on the first. */
  readonly cnonce: string;
  /** 1 for the first request with this nonce, one up for each further one; below 2^32. */
  readonly nonceCount: number;
};

const HASHES: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: 'md5',
  'MD5-sess': 'md5',
  'SHA-256': 'sha256',
  'SHA-256-sess': 'sha256',
  'SHA-512-256': 'sha512-256',
  'SHA-512-256-sess': 'sha512-256',
};

/**
 * The `response` of a digest, lower-case hexadecimal: 32 digits for MD5, 64 for the others.
 *
 * ```
 * A1 = user:realm:password                 -sess: H(user:realm:password):nonce:cnonce
 * A2 = method:uri
 * response = H(H(A1):nonce:nc:cnonce:qop:H(A2))      without qop: H(H(A1):nonce:H(A2))
 * ```
 *
 * @see RFC 3261 §22.4; RFC 7616 §3.4.1 to §3.4.3; RFC 8760 §2.1.
 */
export function digestResponse(
  credentials: DigestCredentials,
  challenge: DigestChallenge,
  request: DigestRequest,
): string {
  const { nonce, algorithm, qop } = challenge;
  const { method, uri, cnonce, nonceCount } = request;
  const hash = (...parts: readonly Uint8Array[]) => {
    const digest = createHash(HASHES[algorithm]);
    parts.forEach((part, at) => {
      digest.update(at === 0 ? part : Buffer.concat([Buffer.from(':'), part]));
    });
    return Buffer.from(digest.digest('hex'));
  };
  const secret = hash(Buffer.from(credentials.username), bytes(challenge.realm), Buffer.from(credentials.password));
  const key = algorithm.endsWith('-sess') ? hash(secret, bytes(nonce), bytes(cnonce)) : secret;
  const asked = hash(bytes(method), bytes(uri));
  const fresh = qop === 'auth' ? [bytes(nonceCountText(nonceCount)), bytes(cnonce), bytes(qop)] : [];
  return hash(key, bytes(nonce), ...fresh, asked).toString();
}

/**
 * Value of the Authorization (after 401) or Proxy-Authorization (after 407) header, as header bytes one character each.
 *
 * @throws RangeError when a part cannot stand in a header: a control character, or a nonce count outside 1 to 2^32 - 1.
 * @see RFC 3261 §20.7, §20.28, §22.2; RFC 7616 §3.4.
 */
export function digestAuthorization(
  credentials: DigestCredentials,
  challenge: DigestChallenge,
  request: DigestRequest,
): string {
  const { realm, nonce, opaque, algorithm, qop } = challenge;
  const { uri, cnonce, nonceCount } = request;
  const username = Buffer.from(credentials.username).toString('latin1');
  return [
    `Digest username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${digestResponse(credentials, challenge, request)}"`,
    `algorithm=${algorithm}`,
    ...(qop === 'auth' || algorithm.endsWith('-sess') ? [`cnonce=${quoted(cnonce)}`] : []),
    ...(qop === 'auth' ? ['qop=auth', `nc=${nonceCountText(nonceCount)}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(', ');
}

function nonceCountText(nonceCount: number): string {
  if (!Number.isInteger(nonceCount) || nonceCount < 1 || nonceCount >= 2 ** 32) {
    throw new RangeError(`nonce count ${nonceCount} is outside 1 to 2^32 - 1`);
  }
  return nonceCount.toString(16).padStart(8, '0');
}

function quoted(text: string): string {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) {
      throw new RangeError(`character ${code} cannot stand in a quoted header value`);
    }
  }
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
