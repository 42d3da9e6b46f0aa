import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasUnsafeInteger, sqlParameters } from '../../../server/store/sql-value.ts';

describe('parameters of a statement', () => {
  it.each([
    ['a BigInt', 1n, 'type bigint'],
    ['undefined', undefined, 'type undefined'],
    ['a boolean', true, 'type boolean'],
    ['an object', { a: 1 }, 'type object'],
    ['a date', new Date(0), 'type object'],
    ['NaN', Number.NaN, 'not finite'],
    ['infinity', Number.POSITIVE_INFINITY, 'not finite'],
    ['2^53', 2 ** 53, 'beyond 2^53 - 1'],
    ['-2^53', -(2 ** 53), 'beyond 2^53 - 1'],
    ['1e300', 1e300, 'beyond 2^53 - 1'],
  ])('refuse %s, naming the position', (_name, value, message) => {
    expect(() => sqlParameters(['before', value])).toThrowError(
      expect.objectContaining({
        code: 'STORE_VALUE_REFUSED',
        retryable: false,
        message: expect.stringMatching(`parameter 2 .*${message.replace('^', '\\^')}`),
      }),
    );
  });

  it('never show the value in a message, which may be a dialled number', () => {
    expect(() => sqlParameters([99_555_000_199_887_766n])).toThrowError(/^parameter 1 is of type bigint$/);
  });

  it('pass null, text and every safe number through', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(null), fc.string({ unit: 'grapheme' }), fc.maxSafeInteger())),
        (values) => {
          expect(sqlParameters(values)).toEqual(values);
        },
      ),
      { seed: 53 },
    );
    expect(sqlParameters([Number.MAX_SAFE_INTEGER, 0.25, ''])).toEqual([9_007_199_254_740_991, 0.25, '']);
  });

  it('put U+FFFD for half a surrogate pair, which UTF-8 cannot carry', () => {
    expect(sqlParameters(['a\ud800b'])).toEqual(['a\ufffdb']);
  });
});

describe('rows', () => {
  it('hold an unsafe integer from 2^53 on', () => {
    expect(hasUnsafeInteger({ a: 'x', n: 2 ** 53 - 1, r: 0.5, z: null })).toBe(false);
    expect(hasUnsafeInteger({ n: 2 ** 53 })).toBe(true);
  });
});
