import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lossEstimate, wilsonInterval } from '../../../server/paths/wilson.ts';

describe('Wilson 95 % interval', () => {
  it.each([
    [1, 20, 0.9, 23.6],
    [2, 20, 2.8, 30.1],
    [6, 60, 4.7, 20.1],
    [10, 100, 5.5, 17.4],
    [30, 300, 7.1, 13.9],
    [100, 1000, 8.3, 12.0],
    [0, 300, 0, 1.26],
    [0, 3000, 0, 0.13],
  ])('of %i lost of %i is %f to %f percent', (lost, sent, lowPercent, highPercent) => {
    const { lowRatio, highRatio } = wilsonInterval({ sent, lost });
    const digits = lost === 0 ? 2 : 1;
    expect((lowRatio * 100).toFixed(1)).toBe(lowPercent.toFixed(1));
    expect((highRatio * 100).toFixed(digits)).toBe(highPercent.toFixed(digits));
  });

  it('is 0 to 1 when nothing was sent: nothing is known (safety rule 2)', () => {
    expect(wilsonInterval({ sent: 0, lost: 0 })).toEqual({ lowRatio: 0, highRatio: 1 });
    expect(lossEstimate({ sent: 0, lost: 0 }, 60_000)).toMatchObject({ lossRatio: 0, lowRatio: 0, highRatio: 1 });
  });

  it('holds the measured ratio and stays within 0 and 1 for any counts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (sent, share) => {
        const lost = Math.round(sent * share);
        const { lowRatio, highRatio } = wilsonInterval({ sent, lost });
        expect(lowRatio).toBeGreaterThanOrEqual(0);
        expect(highRatio).toBeLessThanOrEqual(1);
        expect(lowRatio).toBeLessThanOrEqual(lost / sent);
        expect(highRatio).toBeGreaterThanOrEqual(lost / sent);
      }),
    );
  });
});
