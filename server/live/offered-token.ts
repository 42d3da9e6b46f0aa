import { LIVE_BEARER_PREFIX } from '../../wire/live.ts';

/**
 * Takes the token out of the subprotocols that a browser offers: `bearer.` and the token in base64url.
 *
 * @param header - `Sec-WebSocket-Protocol` of the request (RFC 6455 §11.3.4).
 * @returns undefined where none is offered or it is no base64url text.
 */
export function offeredToken(header: string | undefined): string | undefined {
  const offered = header?.split(',').map((item) => item.trim());
  const encoded = offered?.find((item) => item.startsWith(LIVE_BEARER_PREFIX))?.slice(LIVE_BEARER_PREFIX.length);
  if (encoded === undefined || !/^[A-Za-z0-9_-]{1,700}$/.test(encoded)) return undefined;
  return Buffer.from(encoded, 'base64url').toString('utf8');
}
