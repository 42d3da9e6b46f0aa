import { describe, expect, test } from 'vitest';
import { delayVariation, quantile } from '../../../../probes/measure/rtp/sample-quantiles.ts';

describe('quantiles by nearest rank', () => {
  test.each([
    [0, 1],
    [0.5, 5],
    [0.9, 9],
    [0.91, 10],
    [1, 10],
  ])('of 1 to 10, share %d is %d', (share, expected) => {
    expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share)).toBe(expected);
  });
});

describe('delay variation (RFC 5481 §4.2)', () => {
  test('is above the least delay, whatever the clocks say', () => {
    const delaysMs = Array.from({ length: 100 }, (_, at) => at - 1000);
    expect(delayVariation(delaysMs.toReversed())).toEqual({ p50Ms: 49, p95Ms: 94, p99Ms: 98, maxMs: 99 });
  });

  test('of nothing is nothing', () => {
    expect(delayVariation([])).toBeUndefined();
  });
});
