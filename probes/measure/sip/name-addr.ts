import { type CharacterClass, Cursor, isTokenCharacter } from './cursor.ts';
import { type Parameters, takeParameters } from './parameters.ts';
import { parseUri, type Uri } from './uri.ts';

/** Value of From, To or one Contact. */
export type NameAddr = {
  /** As written, quotes kept; empty when there is none. */
  readonly displayName: string;
  readonly uri: Uri;
  /** Parameters of the header, not of the URI: without angle brackets everything behind `;` belongs here. */
  readonly parameters: Parameters;
};

const BLANKS_AND_DELIMITERS = new Set(' \t;,<>"?'.split('').map((character) => character.charCodeAt(0)));
const isAddrSpecCharacter: CharacterClass = (code) => !BLANKS_AND_DELIMITERS.has(code);
const isInsideBrackets: CharacterClass = (code) => code !== 0x3e && code !== 0x20 && code !== 0x09;

/**
 * Reads the one value of a From or To header.
 *
 * @returns `undefined` for an open quote, a display name that is neither quoted nor tokens, blanks inside the brackets,
 *   a URI with `?` or `,` outside brackets, or anything behind the value.
 * @see RFC 3261 §20.10, §20.20, §20.39, and §25.1 `name-addr`, `addr-spec`.
 */
export function parseNameAddr(value: string): NameAddr | undefined {
  const cursor = new Cursor(value);
  const nameAddr = takeNameAddr(cursor);
  return nameAddr && cursor.isAtEnd ? nameAddr : undefined;
}

/** Reads one Contact header: a comma-separated list, or `*` as an empty one. Otherwise as {@link parseNameAddr}. */
export function parseContacts(value: string): readonly NameAddr[] | undefined {
  if (value === '*') return [];
  const cursor = new Cursor(value);
  const contacts: NameAddr[] = [];
  do {
    const contact = takeNameAddr(cursor);
    if (!contact) return undefined;
    contacts.push(contact);
  } while (cursor.accept(','));
  return cursor.isAtEnd ? contacts : undefined;
}

function takeNameAddr(cursor: Cursor): NameAddr | undefined {
  cursor.skipBlanks();
  const start = cursor.position;
  const displayName = cursor.takeQuoted() ?? takeTokens(cursor);
  cursor.skipBlanks();
  if (!cursor.accept('<')) {
    cursor.position = start;
    return takeUriAndParameters(cursor, '', cursor.takeWhile(isAddrSpecCharacter));
  }
  const address = cursor.takeWhile(isInsideBrackets);
  return cursor.accept('>') ? takeUriAndParameters(cursor, displayName, address) : undefined;
}

function takeUriAndParameters(cursor: Cursor, displayName: string, address: string): NameAddr | undefined {
  const uri = parseUri(address);
  const parameters = uri && takeParameters(cursor);
  return uri && parameters && { displayName, uri, parameters };
}

function takeTokens(cursor: Cursor): string {
  const start = cursor.position;
  let end = start;
  while (cursor.takeWhile(isTokenCharacter) !== '') {
    end = cursor.position;
    cursor.skipBlanks();
  }
  cursor.position = end;
  return cursor.text.slice(start, end);
}
