import { Cursor, isTokenCharacter } from './cursor.ts';
import { type Parsed, refuse } from './fault.ts';
import { parseUri, type Uri } from './uri.ts';

/** First line of a request. */
export type RequestLine = {
  readonly kind: 'request';
  /** As written: methods are case-sensitive, and an escaped one is another method. */
  readonly method: string;
  readonly requestUri: string;
  readonly uri: Uri;
};

/** First line of a response; 100 to 699, the phrase decoded from UTF-8 and perhaps empty. */
export type StatusLine = { readonly kind: 'response'; readonly statusCode: number; readonly reasonPhrase: string };

/**
 * Reads the start line. One space separates the elements of a request line, no more: lines that bend this rule are
 * refused rather than mended (RFC 4475 §3.1.2.8 to 3.1.2.10 leave the choice).
 *
 * ```
 * Method SP Request-URI SP SIP/2.0
 * SIP/2.0 SP 3DIGIT SP Reason-Phrase      (the last SP may lack when there is no phrase: a leniency)
 * ```
 *
 * @param line - without its CRLF.
 * @param offset - byte of the datagram at which it begins.
 * @see RFC 3261 §7.1, §7.2.
 */
export function parseStartLine(line: string, offset: number): Parsed<RequestLine | StatusLine> {
  if (/^SIP\/\d+\.\d+ /i.test(line)) return parseStatusLine(line, offset);
  const cursor = new Cursor(line);
  const method = cursor.takeWhile(isTokenCharacter);
  if (method === '' || !cursor.accept(' ')) return refuse('bad-start-line', offset + cursor.position);
  const uriAt = cursor.position;
  const uriEnd = line.indexOf(' ', uriAt);
  if (uriEnd < 0) return refuse('bad-start-line', offset + line.length);
  const version = line.slice(uriEnd + 1);
  if (!/^SIP\/\d+\.\d+$/i.test(version)) return refuse('bad-start-line', offset + uriEnd + 1);
  if (!isVersionTwo(version)) return refuse('unsupported-version', offset + uriEnd + 1);
  const requestUri = line.slice(uriAt, uriEnd);
  const uri = parseUri(requestUri);
  if (!uri || (uri.kind === 'sip' && uri.headers !== undefined)) return refuse('bad-request-uri', offset + uriAt);
  return { ok: true, value: { kind: 'request', method, requestUri, uri } };
}

function parseStatusLine(line: string, offset: number): Parsed<StatusLine> {
  const codeAt = line.indexOf(' ') + 1;
  if (!isVersionTwo(line.slice(0, codeAt - 1))) return refuse('unsupported-version', offset);
  const match = /^([1-6]\d\d)(?: |$)/.exec(line.slice(codeAt));
  if (!match?.[1]) return refuse('bad-status-code', offset + codeAt);
  const reasonPhrase = Buffer.from(line.slice(codeAt + match[0].length), 'latin1').toString('utf8');
  return { ok: true, value: { kind: 'response', statusCode: Number(match[1]), reasonPhrase } };
}

function isVersionTwo(version: string): boolean {
  return version.toUpperCase() === 'SIP/2.0';
}
