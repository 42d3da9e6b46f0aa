import { StoreError } from '../errors.ts';

/** What JSON can say. Object members that are `undefined` are left out of the text. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json | undefined };

/** Longest JSON text that one column takes, in UTF-16 units. */
export const MAX_JSON_LENGTH = 4_194_304;

/**
 * Writes a value as JSON text for a column.
 *
 * @throws StoreError `STORE_VALUE_REFUSED` for a text above {@link MAX_JSON_LENGTH}, and for a BigInt, a cycle or a
 * number that is not finite, which plain `JSON.stringify` would turn into an exception or, in silence, into `null`.
 */
export function jsonText(value: Json): string {
  let text: string;
  try {
    text = JSON.stringify(value, refuseLossy);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError('STORE_VALUE_REFUSED', 'value is not JSON', { cause });
  }
  if (text === undefined) throw new StoreError('STORE_VALUE_REFUSED', 'value is not JSON');
  if (text.length > MAX_JSON_LENGTH) {
    throw new StoreError('STORE_VALUE_REFUSED', `JSON of ${text.length} characters exceeds ${MAX_JSON_LENGTH}`);
  }
  return text;
}

/** Reads the JSON text of a column; the schema has checked on the way in that it is JSON. */
export function parseJson(text: string): Json {
  return JSON.parse(text) as Json;
}

function refuseLossy(member: string, value: unknown): unknown {
  if (typeof value === 'bigint') throw new StoreError('STORE_VALUE_REFUSED', `BigInt at member "${member}"`);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new StoreError('STORE_VALUE_REFUSED', `number ${value} at member "${member}" is not finite`);
  }
  return value;
}
