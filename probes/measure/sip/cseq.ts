import { Cursor, isDigit, isTokenCharacter } from './cursor.ts';

/** Orders requests within a dialog and, with the method, ties a response to its request. */
export type CSeq = { readonly sequenceNumber: number; readonly method: string };

const MAX_SEQUENCE_NUMBER = 2 ** 32 - 1;

/**
 * Reads a CSeq header: a number of 32 bits without sign (leading zeros allowed), blanks, a method.
 *
 * @returns `undefined` when it is anything else.
 * @see RFC 3261 §20.16.
 */
export function parseCSeq(value: string): CSeq | undefined {
  const cursor = new Cursor(value);
  const sequenceNumber = parseScalar(cursor.takeWhile(isDigit), MAX_SEQUENCE_NUMBER);
  if (sequenceNumber === undefined || !cursor.skipBlanks()) return undefined;
  const method = cursor.takeWhile(isTokenCharacter);
  return method !== '' && cursor.isAtEnd ? { sequenceNumber, method } : undefined;
}

/** Reads decimal digits as a number from 0 to `maximum`; `undefined` for anything else, a sign included. */
export function parseScalar(digits: string, maximum: number): number | undefined {
  if (!/^\d+$/.test(digits)) return undefined;
  const value = Number(digits);
  return value <= maximum ? value : undefined;
}
