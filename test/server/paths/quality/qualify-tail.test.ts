import { describe, expect, it } from 'vitest';
import { estimateTail, type QualifySample } from '../../../../server/paths/quality/qualify-tail.ts';

const TIMEOUT_MS = 3000;

function answered(count: number, rttMs: number): readonly QualifySample[] {
  return Array.from({ length: count }, (_, at) => ({ rttMs: rttMs + (at % 5), timeoutMs: TIMEOUT_MS }));
}

describe('estimateTail (RFC 3261 timer E)', () => {
  it('reads the misses out of the clusters at +0.5 s and +1.5 s', () => {
    const samples = [
      ...answered(81, 20),
      ...answered(15, 520),
      ...answered(3, 1520),
      { rttMs: undefined, timeoutMs: TIMEOUT_MS },
    ];
    const estimate = estimateTail(samples);
    expect(estimate).toMatchObject({
      ok: true,
      n: 100,
      missed: 15 + 2 * 3 + 3,
      tries: 81 + 2 * 15 + 3 * 3 + 3,
      unplaced: 0,
    });
    if (!estimate.ok) return;
    expect(estimate.missRatio).toBeCloseTo(24 / 123, 9);
    expect(estimate.lowRatio).toBeLessThan(0.19);
    expect(estimate.highRatio).toBeGreaterThan(0.19);
  });

  it('covers the true chance of a miss about as often as it says', () => {
    let state = 12_345;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state / 2 ** 32;
    };
    const truth = 0.19;
    let covered = 0;
    for (let run = 0; run < 400; run += 1) {
      const samples = Array.from({ length: 150 }, (): QualifySample => {
        const tries = [0, 500, 1500];
        const hit = tries.find(() => random() >= truth);
        return { rttMs: hit === undefined ? undefined : hit + 30 + 5 * random(), timeoutMs: TIMEOUT_MS };
      });
      const estimate = estimateTail(samples);
      if (estimate.ok && estimate.lowRatio <= truth && truth <= estimate.highRatio) covered += 1;
    }
    expect(covered).toBeGreaterThan(400 * 0.91);
  });

  it('leaves out what belongs to no try, and says how many', () => {
    expect(estimateTail([...answered(20, 20), ...answered(2, 1000)])).toMatchObject({
      ok: true,
      missed: 0,
      unplaced: 2,
    });
  });

  it('says nothing of few samples, nor of a path too slow to tell the tries apart', () => {
    expect(estimateTail(answered(9, 20))).toEqual({ ok: false, because: 'few-samples' });
    expect(estimateTail(answered(50, 300))).toEqual({ ok: false, because: 'slow-path' });
  });
});
