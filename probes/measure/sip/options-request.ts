import { isTokenCharacter } from './cursor.ts';
import { bracketed, parseIpAddress } from './host.ts';
import { parseUri } from './uri.ts';
import { MAGIC_COOKIE } from './via.ts';

/** How a request travels. */
export type SipTransport = 'udp' | 'tcp' | 'tls';

/** Everything an OPTIONS request is made of. Identifiers come in, so that the builder stays pure. */
export type OptionsRequest = {
  /** A `sip:` URI without headers; also the To URI. */
  readonly requestUri: string;
  /** IP literal without brackets: sent-by, From and Contact host. */
  readonly localAddress: string;
  /** 1 to 65535. */
  readonly localPort: number;
  /** A token that begins with `z9hG4bK`, fresh for each request. */
  readonly branch: string;
  /** A token, fresh for each request. */
  readonly callId: string;
  /** A token. */
  readonly fromTag: string;
  /** 0 to 2^31 - 1. */
  readonly sequenceNumber: number;
  /** Printable ASCII, 1 to 64 characters. */
  readonly userAgent: string;
  /** User part of From and Contact, by the grammar of a URI's user; some providers look at it. */
  readonly fromUser?: string;
  /** UDP when absent. */
  readonly transport?: SipTransport;
  /** Authorization or Proxy-Authorization, without CRLF. */
  readonly authorization?: string;
};

/** Names the first argument that does not fit. */
export type OptionsRequestFault = {
  readonly ok: false;
  readonly fault:
    | 'bad-request-uri'
    | 'bad-local-address'
    | 'bad-local-port'
    | 'bad-branch'
    | 'bad-call-id'
    | 'bad-from-tag'
    | 'bad-sequence-number'
    | 'bad-user-agent'
    | 'bad-from-user'
    | 'bad-authorization';
};

/** The datagram, or the argument that kept it from being built. */
export type OptionsRequestResult = { readonly ok: true; readonly bytes: Uint8Array } | OptionsRequestFault;

const MAX_URI_CHARACTERS = 256;
const MAX_TOKEN_CHARACTERS = 128;
const MAX_AUTHORIZATION_CHARACTERS = 4096;

/**
 * Builds one OPTIONS request. Every argument is held against its grammar, so none can bring a line of its own; with the
 * length caps a datagram without authorization stays below the 1,300 bytes above which RFC 3261 §18.1.1 wants TCP.
 *
 * @see RFC 3261 §11.1 (OPTIONS), §8.1.1 (fields); RFC 3581 §3 (`rport`).
 */
export function buildOptionsRequest(request: OptionsRequest): OptionsRequestResult {
  const fault = findFault(request);
  if (fault) return { ok: false, fault };
  const { requestUri, localPort, branch, callId, fromTag, sequenceNumber, userAgent, fromUser } = request;
  const { transport = 'udp', authorization } = request;
  const host = bracketed(request.localAddress);
  const user = fromUser === undefined ? '' : `${fromUser}@`;
  const lines = [
    `OPTIONS ${requestUri} SIP/2.0`,
    `Via: SIP/2.0/${transport.toUpperCase()} ${host}:${localPort};branch=${branch};rport`,
    'Max-Forwards: 70',
    `From: <sip:${user}${host}>;tag=${fromTag}`,
    `To: <${requestUri}>`,
    `Call-ID: ${callId}`,
    `CSeq: ${sequenceNumber} OPTIONS`,
    `Contact: <sip:${user}${host}:${localPort}${transport === 'udp' ? '' : `;transport=${transport}`}>`,
    'Accept: application/sdp',
    ...(authorization === undefined ? [] : [authorization]),
    `User-Agent: ${userAgent}`,
    'Content-Length: 0',
    '\r\n',
  ];
  return { ok: true, bytes: Buffer.from(lines.join('\r\n'), 'latin1') };
}

function findFault(request: OptionsRequest): OptionsRequestFault['fault'] | undefined {
  const { localPort, branch, sequenceNumber, fromUser } = request;
  if (!isPlainSipUri(request.requestUri)) return 'bad-request-uri';
  if (!parseIpAddress(request.localAddress)) return 'bad-local-address';
  if (!Number.isInteger(localPort) || localPort < 1 || localPort > 65_535) return 'bad-local-port';
  if (!isToken(branch) || !branch.startsWith(MAGIC_COOKIE) || branch.length === MAGIC_COOKIE.length) {
    return 'bad-branch';
  }
  if (!isToken(request.callId)) return 'bad-call-id';
  if (!isToken(request.fromTag)) return 'bad-from-tag';
  if (!Number.isInteger(sequenceNumber) || sequenceNumber < 0 || sequenceNumber >= 2 ** 31)
    return 'bad-sequence-number';
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/.test(request.userAgent)) return 'bad-user-agent';
  if (fromUser !== undefined && !isUser(fromUser)) return 'bad-from-user';
  if (request.authorization !== undefined && !isAuthorization(request.authorization)) return 'bad-authorization';
  return undefined;
}

function isPlainSipUri(text: string): boolean {
  const uri = text.length <= MAX_URI_CHARACTERS ? parseUri(text) : undefined;
  return uri?.kind === 'sip' && uri.scheme === 'sip' && uri.headers === undefined;
}

function isUser(text: string): boolean {
  const uri = text.length <= MAX_TOKEN_CHARACTERS ? parseUri(`sip:${text}@host`) : undefined;
  return uri?.kind === 'sip' && uri.user === text;
}

function isAuthorization(line: string): boolean {
  return line.length <= MAX_AUTHORIZATION_CHARACTERS && /^(?:Proxy-)?Authorization: [\x20-\x7e\x80-\xff]+$/.test(line);
}

function isToken(text: string): boolean {
  if (text === '' || text.length > MAX_TOKEN_CHARACTERS) return false;
  for (let at = 0; at < text.length; at += 1) if (!isTokenCharacter(text.charCodeAt(at))) return false;
  return true;
}
