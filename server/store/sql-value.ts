import { StoreError } from '../errors.ts';

/** What may be bound to a statement and what comes back. Integers lie within ±(2^53 − 1); booleans are stored as 0 and 1. */
export type SqlValue = null | number | string;

/**
 * Checks the parameters of a statement before any driver sees them, because the drivers differ in silence: one binds a
 * BigInt or `undefined` as NULL and an object as `[object Object]`, the other throws.
 *
 * @throws StoreError `STORE_VALUE_REFUSED`, naming position and type but never the value, which may be a dialled number.
 */
export function sqlParameters(parameters: readonly unknown[]): readonly SqlValue[] {
  return parameters.map((value, index) => {
    if (value === null) return null;
    if (typeof value === 'string') return value.toWellFormed();
    if (typeof value !== 'number') return refuse(index, `of type ${typeof value}`);
    if (!Number.isFinite(value)) return refuse(index, 'not finite');
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) return refuse(index, 'an integer beyond 2^53 - 1');
    return value;
  });
}

/**
 * Says whether a row read from the file holds an integer that a double cannot carry exactly. One driver rounds such a
 * number in silence, the other throws; the store refuses it on both.
 */
export function hasUnsafeInteger(row: Readonly<Record<string, unknown>>): boolean {
  return Object.values(row).some((value) => Number.isInteger(value) && !Number.isSafeInteger(value));
}

function refuse(index: number, what: string): never {
  throw new StoreError('STORE_VALUE_REFUSED', `parameter ${index + 1} is ${what}`);
}
