import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equipmentImpairment } from '../../../../../server/paths/quality/e-model/equipment-impairment.ts';
import { mosOfRating } from '../../../../../server/paths/quality/e-model/mos.ts';
import { delayOf, rate } from '../../../../../server/paths/quality/e-model/rating.ts';

const WITHIN = 4;
const LOSSES = [0, 0.5, 1, 2, 3, 5, 10, 20];

describe('rate (ITU-T G.107 7-1)', () => {
  it('gives every term of the default connection', () => {
    const { rFactor, roDb, simultaneous, delay } = rate({});
    expect(rFactor).toBeCloseTo(93.20620772327571, 9);
    expect(roDb).toBeCloseTo(94.768822, 5);
    expect(simultaneous.iolr).toBeCloseTo(0.440178, 5);
    expect(simultaneous.ist).toBeCloseTo(-0.000715, 5);
    expect(simultaneous.iq).toBeCloseTo(0.974105, 5);
    expect(simultaneous.is).toBeCloseTo(1.413568, 5);
    expect(delay.idte).toBe(0);
    expect(delay.idle).toBeCloseTo(0.149046, 5);
    expect(delay.idd).toBe(0);
    expect(mosOfRating(rFactor)).toBeCloseTo(4.409406, 5);
  });

  it.each([
    [
      'G.711 without concealment',
      { ie: 0, bpl: 4.3 },
      [93.2062, 83.3104, 75.2817, 63.0475, 54.1651, 42.1309, 26.7726, 15.0169],
    ],
    [
      'G.711 with concealment',
      { ie: 0, bpl: 25.1 },
      [93.2062, 91.3507, 89.5664, 86.1951, 83.0639, 77.4255, 66.1407, 51.0776],
    ],
    ['G.729A', { ie: 11, bpl: 19 }, [82.2062, 80.0524, 78.0062, 74.2062, 70.7517, 64.7062, 53.2407, 39.1293]],
    ['G.723.1', { ie: 15, bpl: 16.1 }, [78.2062, 75.7966, 73.5278, 69.3664, 65.6408, 59.2489, 47.5549, 33.8849]],
    ['GSM-EFR', { ie: 5, bpl: 10 }, [88.2062, 83.9205, 80.0244, 73.2062, 67.437, 58.2062, 43.2062, 28.2062]],
  ])('%s over random loss of 0 to 20 %%', (_name, codec, expected) => {
    for (const [at, lossPercent] of LOSSES.entries()) {
      expect(rate({ ...codec, lossPercent }).rFactor, `${lossPercent} %`).toBeCloseTo(
        expected[at] ?? Number.NaN,
        WITHIN,
      );
    }
  });

  it.each([
    ['G.711 without concealment', { ie: 0, bpl: 4.3 }, [4.4094, 4.1427, 3.8339, 3.2564, 2.7944, 2.1696, 1.481, 1.1237]],
    ['G.711 with concealment', { ie: 0, bpl: 25.1 }, [4.4094, 4.3707, 4.3282, 4.235, 4.1344, 3.9231, 3.4112, 2.6316]],
    ['G.729A', { ie: 11, bpl: 19 }, [4.1046, 4.026, 3.9465, 3.7876, 3.6321, 3.34, 2.7456, 2.0216]],
  ])('MOS of %s over random loss of 0 to 20 %%', (_name, codec, expected) => {
    for (const [at, lossPercent] of LOSSES.entries()) {
      const mos = mosOfRating(rate({ ...codec, lossPercent }).rFactor);
      expect(mos, `${lossPercent} %`).toBeCloseTo(expected[at] ?? Number.NaN, WITHIN);
    }
  });

  it('bursts weigh more than random loss', () => {
    const g711 = (lossPercent: number, burstRatio: number) =>
      equipmentImpairment({ ie: 0, bpl: 25.1, lossPercent, burstRatio });
    expect([1, 2, 4].map((ratio) => Number(g711(5, ratio).toFixed(4)))).toEqual([15.7807, 17.2101, 18.0266]);
    expect([1, 2, 4].map((ratio) => Number(g711(10, ratio).toFixed(4)))).toEqual([27.0655, 31.5615, 34.4203]);
    const g729 = (lossPercent: number, burstRatio: number) =>
      equipmentImpairment({ ie: 11, bpl: 19, lossPercent, burstRatio });
    expect([1, 2, 4].map((ratio) => Number(g729(5, ratio).toFixed(4)))).toEqual([28.5, 30.5349, 31.7407]);
    expect([1, 2, 4].map((ratio) => Number(g729(10, ratio).toFixed(4)))).toEqual([39.9655, 46, 50.0698]);
  });

  it.each([
    [0, 0, 0.149, 93.2062],
    [50, 0, 1.5991, 91.7562],
    [100, 0, 2.6915, 90.6637],
    [120, 0.0014, 3.091, 90.2643],
    [150, 0.1635, 3.8161, 89.5391],
    [177.3, 1.1721, 5.3034, 88.0519],
    [200, 3.0444, 7.5505, 85.8047],
    [250, 8.9167, 14.1782, 79.1771],
    [300, 14.7607, 20.6889, 72.6664],
    [400, 24.0701, 31.1084, 62.2468],
    [500, 30.6359, 38.5521, 54.8032],
    [600, 35.2468, 43.8715, 49.4838],
    [800, 40.8325, 50.5331, 42.8222],
  ])('a delay of %d ms with its echo', (oneWayMs, idd, id, rFactor) => {
    const rating = rate(delayOf(oneWayMs));
    expect(rating.delay.idd).toBeCloseTo(idd, WITHIN);
    expect(rating.delay.id).toBeCloseTo(id, WITHIN);
    expect(rating.rFactor).toBeCloseTo(rFactor, WITHIN);
  });

  it.each([
    ['G.711, 1 %, 100 ms', { ie: 0, bpl: 25.1, lossPercent: 1 }, 100, 87.0239, 4.2594],
    ['G.711, 2 %, 150 ms', { ie: 0, bpl: 25.1, lossPercent: 2 }, 150, 82.5281, 4.1159],
    ['G.729A, 1 %, 150 ms', { ie: 11, bpl: 19, lossPercent: 1 }, 150, 74.3391, 3.7933],
    ['G.729A, 5 %, 250 ms', { ie: 11, bpl: 19, lossPercent: 5 }, 250, 50.6771, 2.6106],
    ['G.711, 10 %, 60 ms', { ie: 0, bpl: 25.1, lossPercent: 10 }, 60, 64.4584, 3.3275],
  ])('loss and delay together: %s', (_name, given, oneWayMs, rFactor, mos) => {
    const rating = rate({ ...given, ...delayOf(oneWayMs) });
    expect(rating.rFactor).toBeCloseTo(rFactor, WITHIN);
    expect(mosOfRating(rating.rFactor)).toBeCloseTo(mos, WITHIN);
  });

  it('more loss or more delay never sounds better, from 1 ms on: there Idte of the Recommendation begins, below 0', () => {
    const percent = fc.double({ min: 0, max: 60, noNaN: true });
    const delayMs = fc.double({ min: 1, max: 2000, noNaN: true });
    fc.assert(
      fc.property(percent, percent, delayMs, delayMs, (lossA, lossB, delayA, delayB) => {
        const better = rate({ bpl: 25.1, lossPercent: Math.min(lossA, lossB), ...delayOf(Math.min(delayA, delayB)) });
        const worse = rate({ bpl: 25.1, lossPercent: Math.max(lossA, lossB), ...delayOf(Math.max(delayA, delayB)) });
        expect(worse.rFactor).toBeLessThanOrEqual(better.rFactor + 1e-9);
      }),
    );
  });
});
