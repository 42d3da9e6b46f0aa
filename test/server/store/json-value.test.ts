import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, jsonText, MAX_JSON_LENGTH, parseJson } from '../../../server/store/json-value.ts';

const refused = expect.objectContaining({ code: 'STORE_VALUE_REFUSED' });

describe('JSON for a column', () => {
  it('reads back as written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(parseJson(jsonText(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 7 },
    );
  });

  it('leaves out members that are undefined', () => {
    expect(jsonText({ a: 1, b: undefined })).toBe('{"a":1}');
  });

  it('refuses numbers that JSON would turn into null', () => {
    expect(() => jsonText({ rttMs: Number.NaN })).toThrowError(refused);
    expect(() => jsonText([Number.NEGATIVE_INFINITY])).toThrowError(refused);
  });

  it('refuses a BigInt, a cycle and what is no JSON at all', () => {
    const hostile: readonly unknown[] = [{ a: 1n }, undefined, () => 1];
    for (const value of hostile) expect(() => jsonText(value as Json)).toThrowError(refused);
    const cycle: { self?: Json } = {};
    cycle.self = cycle as Json;
    expect(() => jsonText(cycle as Json)).toThrowError(refused);
  });

  it('refuses a text above its bound, with both numbers', () => {
    expect(() => jsonText('x'.repeat(MAX_JSON_LENGTH))).toThrowError(
      `JSON of ${MAX_JSON_LENGTH + 2} characters exceeds`,
    );
  });
});
