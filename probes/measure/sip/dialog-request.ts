import { bracketed } from './host.ts';

/** Everything a request of a test call is made of; values are single lines, checked or parsed before. */
export type CallRequest = {
  readonly method: 'INVITE' | 'ACK' | 'CANCEL' | 'BYE';
  readonly requestUri: string;
  /** IP literal without brackets, and port, of our socket. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly branch: string;
  /** Values of From and To, tags included where there are any. */
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly sequenceNumber: number;
  readonly routes: readonly string[];
  /** More header lines without CRLF. */
  readonly headers: readonly string[];
  /** SDP; its type is added. */
  readonly body?: string | undefined;
};

/**
 * Writes one request for UDP.
 *
 * @throws Error where a value holds a line break: nothing from outside may bring a line of its own.
 * @see RFC 3261 §8.1.1, §12.2.1.1; RFC 3581 §3 (`rport`)
 */
export function encodeCallRequest(request: CallRequest): Uint8Array {
  const { body = '', branch, callId, from, headers, localAddress, localPort, method, requestUri, routes, to } = request;
  const lines = [
    `${method} ${requestUri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${bracketed(localAddress)}:${localPort};branch=${branch};rport`,
    'Max-Forwards: 70',
    ...routes.map((route) => `Route: ${route}`),
    `From: ${from}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${request.sequenceNumber} ${method}`,
    ...headers,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
  ];
  const broken = lines.find((line) => /[\r\n]/.test(line));
  if (broken !== undefined) throw new Error(`line break within the header of a ${method}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}
