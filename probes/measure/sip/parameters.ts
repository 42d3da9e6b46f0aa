import { alphanumericAnd, type Cursor, isTokenCharacter } from './cursor.ts';

/** Header parameters by lower-case name; `undefined` for one without a value, quotes kept on a quoted value. */
export type Parameters = ReadonlyMap<string, string | undefined>;

/** A token, a host, or an IPv6 address with or without brackets (`received=2001:db8::1`). */
const isValueCharacter = alphanumericAnd("-.!%*_+`'~[]:");

/**
 * Reads `*( SEMI generic-param )` and the blanks after it.
 *
 * @param cursor - left behind the last parameter, or at the offending character.
 * @returns `undefined` for an empty name, an empty value after `=`, an unclosed quote or a repeated name.
 * @see RFC 3261 §25.1 `generic-param`, §7.3.1 (no name twice).
 */
export function takeParameters(cursor: Cursor): Parameters | undefined {
  const parameters = new Map<string, string | undefined>();
  while (cursor.acceptSeparator(';')) {
    const name = cursor.takeWhile(isTokenCharacter).toLowerCase();
    if (name === '' || parameters.has(name)) return undefined;
    if (!cursor.acceptSeparator('=')) {
      parameters.set(name, undefined);
      continue;
    }
    const value = cursor.takeQuoted() ?? cursor.takeWhile(isValueCharacter);
    if (value === '') return undefined;
    parameters.set(name, value);
  }
  cursor.skipBlanks();
  return parameters;
}

/** Writes parameters in their order, each with its semicolon. */
export function encodeParameters(parameters: Parameters): string {
  let text = '';
  for (const [name, value] of parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}
