import { LIVE_BEARER_PREFIX, LIVE_PROTOCOL } from '../../../wire/live.ts';

/**
 * The subprotocols to offer: the contract's own, and the token where one is held. Base64url keeps any token inside the
 * characters a subprotocol may have (RFC 6455 §4.1, RFC 9110 §5.6.2 token).
 *
 * @see RFC 4648 §5 (base64url), used without padding.
 */
export function liveProtocols(token: string | undefined): string[] {
  if (token === undefined || token === '') return [LIVE_PROTOCOL];
  const bytes = new TextEncoder().encode(token);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return [LIVE_PROTOCOL, LIVE_BEARER_PREFIX + base64url];
}
