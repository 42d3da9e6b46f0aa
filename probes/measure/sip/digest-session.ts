import { type DigestCredentials, digestAuthorization } from './digest.ts';
import { chooseChallenge, type DigestChallenge } from './digest-challenge.ts';
import type { SipResponse } from './message.ts';

/** A nonce in use: kept from request to request, so that normally no request is challenged. */
export type DigestSession = {
  readonly challenge: DigestChallenge;
  /** 407 and not 401: a proxy asked. */
  readonly isProxy: boolean;
  readonly cnonce: string;
  /** Of the last request that was sent with this nonce; 0 before the first. */
  readonly nonceCount: number;
};

/** The header line for the next request, and the session that has sent it. */
export type NextAuthorization = { readonly line: string; readonly session: DigestSession };

/** Authorizes the next OPTIONS of a session. @see RFC 3261 §22.2, §22.3; RFC 7616 §3.4 (`nc`). */
export function nextAuthorization(
  session: DigestSession,
  credentials: DigestCredentials,
  requestUri: string,
): NextAuthorization {
  const next = { ...session, nonceCount: session.nonceCount + 1 };
  const request = { method: 'OPTIONS', uri: requestUri, cnonce: next.cnonce, nonceCount: next.nonceCount };
  const name = session.isProxy ? 'Proxy-Authorization' : 'Authorization';
  return { line: `${name}: ${digestAuthorization(credentials, session.challenge, request)}`, session: next };
}

/**
 * The session that answers a challenge, or `undefined` where there is nothing to answer: no 401 or 407, no challenge that
 * can be met, or the same nonce again, by which the server says that the credentials are wrong.
 *
 * @param used - what the challenged request was authorized with, if with anything.
 * @param cnonce - fresh and random.
 * @see RFC 3261 §22.1 (no second try with credentials that were refused).
 */
export function answerChallenge(
  response: SipResponse,
  used: DigestSession | undefined,
  realm: string | undefined,
  cnonce: string,
): DigestSession | undefined {
  const isProxy = response.statusCode === 407;
  if (response.statusCode !== 401 && !isProxy) return undefined;
  const wanted = isProxy ? 'proxy-authenticate' : 'www-authenticate';
  const values = response.fields.flatMap(({ name, value }) => (name === wanted ? [value] : []));
  const challenge = chooseChallenge(values, realm);
  if (!challenge || challenge.nonce === used?.challenge.nonce) return undefined;
  return { challenge, isProxy, cnonce, nonceCount: 0 };
}
