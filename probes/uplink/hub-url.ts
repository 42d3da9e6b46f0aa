/** A hub's address, or why it is refused. */
export type HubUrlResult =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly fault: 'not-a-url' | 'not-websocket' | 'credentials' | 'plaintext' };

/**
 * Checks where the control channel may go: TLS, or plaintext to this host's own loopback; plaintext elsewhere only where
 * `allowPlaintext` is named (safety rule 10). Credentials belong in the token, not in an address that is logged.
 */
export function checkHubUrl(text: string, allowPlaintext: boolean): HubUrlResult {
  const url = URL.parse(text);
  if (!url) return { ok: false, fault: 'not-a-url' };
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') return { ok: false, fault: 'not-websocket' };
  if (url.username !== '' || url.password !== '' || url.hash !== '') return { ok: false, fault: 'credentials' };
  if (url.protocol === 'ws:' && !allowPlaintext && !isLoopback(url.hostname)) return { ok: false, fault: 'plaintext' };
  return { ok: true, url };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
