import { Cursor, isDigit } from './cursor.ts';

/** A day: what the wire carries at most. */
const MAX_RETRY_AFTER_S = 86_400;

/**
 * Seconds of a Retry-After value, at most a day; a comment and parameters behind the number are passed over.
 *
 * ```
 * Retry-After: 120 (maintenance) ;duration=3600
 * ```
 *
 * @returns `undefined` for anything that does not begin with a number followed by a blank, `(`, `;` or the end.
 * @see RFC 3261 §20.33, §21.5.4.
 */
export function parseRetryAfterS(value: string): number | undefined {
  const cursor = new Cursor(value);
  cursor.skipBlanks();
  const digits = cursor.takeWhile(isDigit);
  const isEnded = cursor.isAtEnd || cursor.skipBlanks() || cursor.accept('(') || cursor.accept(';');
  return digits === '' || !isEnded ? undefined : Math.min(Number(digits), MAX_RETRY_AFTER_S);
}

/** How long to leave a target alone: what it asks for, but never beyond the cap, so that no value can blind us. */
export function quietMs(retryAfterS: number, capS: number): number {
  return Math.min(retryAfterS, capS) * 1000;
}
