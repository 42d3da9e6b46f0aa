import { describe, expect, test } from 'vitest';
import { addDelay, lateAfterMs, type UsualDelay } from '../../../../probes/measure/schedule/usual-delay.ts';

function delayOf(times: readonly number[]): UsualDelay {
  return times.reduce<UsualDelay>(addDelay, undefined);
}

describe('how long until an attempt is late', () => {
  test('before the first answer nothing is', () => {
    expect(lateAfterMs(undefined)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    [1, 52],
    [20, 90],
    [100, 250],
  ])('a steady %d ms gives %d ms', (rttMs, wantedMs) => {
    expect(lateAfterMs(delayOf(Array.from({ length: 50 }, () => rttMs)))).toBeCloseTo(wantedMs, 1);
  });

  test('answers that swing widely are waited for', () => {
    const swinging = delayOf(Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 10 : 110)));
    expect(lateAfterMs(swinging)).toBeGreaterThan(200);
  });
});
