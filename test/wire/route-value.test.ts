import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRouteValue, longestRouteBytes, MAX_ROUTE_VALUE_BYTES, parseRouteValue } from '../../wire/route-value.ts';

describe('the text of a route in AstDB', () => {
  it('reads what design.md writes', () => {
    expect(parseRouteValue('2:7.41:telco-a/100,telco-b/0')).toEqual({
      ok: true,
      route: {
        fence: 7,
        version: 41,
        trunks: [
          { trunk: 'telco-a', weight: 100 },
          { trunk: 'telco-b', weight: 0 },
        ],
      },
    });
  });

  it.each([
    ['', 'unknown-format'],
    ['1:7.41:a/1', 'unknown-format'],
    ['2:7.41', 'unknown-format'],
    ['2:7.41:a/1:b', 'unknown-format'],
    ['2:7:a/1', 'bad-version'],
    ['2:-7.1:a/1', 'bad-version'],
    ['2:7.41:', 'bad-trunk'],
    ['2:7.41:a', 'bad-trunk'],
    ['2:7.41:a/1,', 'bad-trunk'],
    ['2:7.41:A/1', 'bad-trunk'],
    ['2:7.41:a/1001', 'bad-trunk'],
    ['2:7.41:a/1&PJSIP/x', 'bad-trunk'],
    ['2:7.41:a/1,a/0', 'repeated-trunk'],
    [`2:7.41:${'a/1,'.repeat(300)}b/1`, 'too-long'],
  ])('refuses %s as %s', (text, fault) => {
    expect(parseRouteValue(text)).toEqual({ ok: false, fault });
  });

  it('never throws and never gives an empty route (rule 4)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^2:\d+\.\d+:[a-z0-9/,-]*$/)), (text) => {
        const result = parseRouteValue(text);
        return !result.ok || result.route.trunks.length > 0;
      }),
      { seed: 11 },
    );
  });

  it('comes back as it was written', () => {
    const trunks = [
      { trunk: 'b', weight: 95 },
      { trunk: 'a', weight: 5 },
    ];
    expect(parseRouteValue(encodeRouteValue({ fence: 3, version: 9, trunks }))).toEqual({
      ok: true,
      route: { fence: 3, version: 9, trunks },
    });
  });

  it('counts bytes with the longest stamp and weights', () => {
    expect(longestRouteBytes(['a'])).toBe('2:999999999999.999999999999:a/1000'.length);
    expect(
      longestRouteBytes(Array.from({ length: 30 }, (_, at) => `trunk-${at}-of-a-very-long-name-ab`)),
    ).toBeGreaterThan(MAX_ROUTE_VALUE_BYTES);
  });
});
