import { Cursor, isTokenCharacter } from './cursor.ts';
import { type Parsed, refuse } from './fault.ts';

/** One header field, folds undone, blanks around the value removed. */
export type HeaderField = {
  /** Lower-case, the compact form spelled out. */
  readonly name: string;
  /** One character for each byte (ISO 8859-1 view); the caller decodes UTF-8 where it wants text. */
  readonly value: string;
  /** Byte of the datagram at which the value begins. */
  readonly offset: number;
};

/** @see RFC 3261 §7.3.3 and the IANA registry of header fields. */
const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]);

/** Header fields in order, and the byte behind the blank line that ends them. */
export type HeaderSection = { readonly fields: readonly HeaderField[]; readonly bodyOffset: number };

/**
 * Reads the header fields up to and including the blank line.
 *
 * Lines end in CRLF; a lone CR or LF is refused, since receivers disagree on what it means. A line that begins with a
 * blank continues the one before; its CRLF becomes two spaces, so offsets stay those of the datagram.
 *
 * @param text - the whole datagram, one character for each byte.
 * @param start - where the first header line begins.
 * @see RFC 3261 §7.3.1.
 */
export function parseHeaderFields(text: string, start: number): Parsed<HeaderSection> {
  const fields: HeaderField[] = [];
  let lineAt = start;
  for (;;) {
    const lineEnd = endOfFoldedLine(text, lineAt);
    if (lineEnd < 0) return refuse('unterminated-headers', text.length);
    if (lineEnd === lineAt) return { ok: true, value: { fields, bodyOffset: lineEnd + 2 } };
    const field = parseField(text.slice(lineAt, lineEnd).replaceAll('\r\n', '  '), lineAt);
    if (!field.ok) return field;
    fields.push(field.value);
    lineAt = lineEnd + 2;
  }
}

/** Index of the CRLF that ends the line with all its continuations; -1 when there is none. */
function endOfFoldedLine(text: string, lineAt: number): number {
  let end = text.indexOf('\r\n', lineAt);
  while (end > lineAt && (text[end + 2] === ' ' || text[end + 2] === '\t')) end = text.indexOf('\r\n', end + 2);
  return end;
}

function parseField(line: string, offset: number): Parsed<HeaderField> {
  const strayEnd = line.search(/[\r\n]/);
  if (strayEnd >= 0) return refuse('bad-line-ending', offset + strayEnd);
  const cursor = new Cursor(line);
  const name = cursor.takeWhile(isTokenCharacter).toLowerCase();
  cursor.skipBlanks();
  if (name === '' || !cursor.accept(':')) return refuse('bad-header', offset + cursor.position);
  cursor.skipBlanks();
  const value = line.slice(cursor.position, endWithoutBlanks(line, cursor.position));
  return { ok: true, value: { name: LONG_NAMES.get(name) ?? name, value, offset: offset + cursor.position } };
}

function endWithoutBlanks(line: string, from: number): number {
  let end = line.length;
  while (end > from && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return end;
}
