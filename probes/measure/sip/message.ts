import { parseScalar } from './cseq.ts';
import { type Parsed, refuse } from './fault.ts';
import { type HeaderField, parseHeaderFields } from './header-fields.ts';
import { type CommonFields, readCommonFields } from './mandatory-fields.ts';
import { type NameAddr, parseContacts } from './name-addr.ts';
import { parseStartLine, type RequestLine, type StatusLine } from './start-line.ts';

/** Largest UDP payload the length field can say; anything longer is refused unread. */
export const MAX_MESSAGE_BYTES = 65_535;

type Content = CommonFields & {
  /** All header fields in order, those above included. */
  readonly fields: readonly HeaderField[];
  /** View into the datagram, not a copy. */
  readonly body: Uint8Array;
};

/** A request whose framing and mandatory fields are sound; whether it can be served is the receiver's question. */
export type SipRequest = RequestLine &
  Content & {
    /** 0 to 255; absent where the sender speaks RFC 2543. */
    readonly maxForwards: number | undefined;
    readonly contacts: readonly NameAddr[];
  };

/** A response, provisional or final. Its Contact and other fields not needed to match it are left unread. */
export type SipResponse = StatusLine & Content;

/** Either. */
export type SipMessage = SipRequest | SipResponse;

/**
 * Reads one datagram as one SIP message. Never throws; reads nothing past the end.
 *
 * ```
 * CRLF*            keep-alives before the start line are passed over (RFC 3261 §7.5)
 * start line CRLF
 * *( header CRLF ) folded lines allowed
 * CRLF
 * body             Content-Length bytes; without the field, all that is left
 * ```
 *
 * Bytes behind the body are ignored, a body shorter than Content-Length is a fault (RFC 3261 §18.3).
 *
 * @param bytes - the datagram; the message's body points into it, so it must not be written to afterwards.
 * @see RFC 3261 §7, §18.3; RFC 4475 for what its corners mean.
 */
export function parseMessage(bytes: Uint8Array): Parsed<SipMessage> {
  if (bytes.length > MAX_MESSAGE_BYTES) return refuse('too-large', MAX_MESSAGE_BYTES);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  let start = 0;
  while (text.startsWith('\r\n', start)) start += 2;
  if (start === text.length) return refuse('empty', start);
  const lineEnd = text.indexOf('\r\n', start);
  const line = text.slice(start, lineEnd < 0 ? text.length : lineEnd);
  const strayEnd = line.search(/[\r\n]/);
  if (strayEnd >= 0) return refuse('bad-line-ending', start + strayEnd);
  const startLine = parseStartLine(line, start);
  if (!startLine.ok) return startLine;
  if (lineEnd < 0) return refuse('unterminated-headers', text.length);
  const section = parseHeaderFields(text, lineEnd + 2);
  if (!section.ok) return section;
  const { fields, bodyOffset } = section.value;
  const common = readCommonFields(fields, bodyOffset);
  if (!common.ok) return common;
  const body = readBody(bytes, fields, bodyOffset);
  if (!body.ok) return body;
  const content = { ...common.value, fields, body: body.value };
  return startLine.value.kind === 'response'
    ? { ok: true, value: { ...startLine.value, ...content } }
    : readRequest(startLine.value, content);
}

function readRequest(line: RequestLine, content: Content): Parsed<SipRequest> {
  const { fields } = content;
  if (content.cseq.method !== line.method)
    return refuse('method-mismatch', fields.find(({ name }) => name === 'cseq')?.offset ?? 0);
  const limit = fields.find(({ name }) => name === 'max-forwards');
  const maxForwards = limit && parseScalar(limit.value, 255);
  if (limit && maxForwards === undefined) return refuse('bad-max-forwards', limit.offset);
  const contacts: NameAddr[] = [];
  for (const field of fields) {
    if (field.name !== 'contact') continue;
    const some = parseContacts(field.value);
    if (!some) return refuse('bad-contact', field.offset);
    contacts.push(...some);
  }
  return { ok: true, value: { ...line, ...content, maxForwards, contacts } };
}

function readBody(bytes: Uint8Array, fields: readonly HeaderField[], bodyOffset: number): Parsed<Uint8Array> {
  const field = fields.find(({ name }) => name === 'content-length');
  if (!field) return { ok: true, value: bytes.subarray(bodyOffset) };
  const lengthBytes = parseScalar(field.value, Number.MAX_SAFE_INTEGER);
  if (lengthBytes === undefined) return refuse('bad-content-length', field.offset);
  if (lengthBytes > bytes.length - bodyOffset) return refuse('body-truncated', bytes.length);
  return { ok: true, value: bytes.subarray(bodyOffset, bodyOffset + lengthBytes) };
}

/** The value of the first field of that lower-case long name, one character for each byte. */
export function fieldValue(message: SipMessage, wanted: string): string | undefined {
  return message.fields.find(({ name }) => name === wanted)?.value;
}
