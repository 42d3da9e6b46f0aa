import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallGround, callStanding } from '../../../server/routing/call-standing.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { seeded } from '../../support/seeded.ts';
import { NOW } from './judged.ts';
import { call, series } from './made-calls.ts';

const POLICY = ROUTE_POLICY.calls;

function standing(parts: Partial<CallGround>) {
  return callStanding({ calls: [], otherAsrLow: () => undefined, mos: undefined, wasPoor: false, ...parts }, POLICY);
}

describe('standing of a trunk by its calls', () => {
  it('Unknown is not bad, nor good (safety rule 2): without calls nothing is said', () => {
    expect(standing({})).toEqual({
      stage: 'unknown',
      reason: 'no calls',
      n: 0,
      effective: 0,
      nerHigh: 1,
      pddMs: undefined,
      mosHigh: undefined,
    });
  });

  it.each([
    ['1 of 1 failed', 1, () => true, 'fine'],
    ['3 of 3 failed: few calls accuse nobody', 3, () => true, 'fine'],
    ['4 of 4 failed', 4, () => true, 'failing'],
    ['the last 4 of 60 failed, all before went through', 60, (at: number) => at >= 56, 'failing'],
    ['every third of 60 failed', 60, (at: number) => at % 3 === 0, 'poor'],
    ['two of three of 60 failed', 60, (at: number) => at % 3 !== 0, 'failing'],
    ['one in 20 failed', 60, (at: number) => at % 20 === 0, 'fine'],
  ] as const)('%s', (_name, count, isFailed, stage) => {
    expect(standing({ calls: series(count, NOW, isFailed) }).stage).toBe(stage);
  });

  it('names the counts it rests on', () => {
    expect(standing({ calls: series(4, NOW, () => true) }).reason).toBe(
      'of the latest, 0 of 4 calls went through (NER 0 %)',
    );
  });

  it('enters and leaves at different bounds: 93 % is no ground to shed, nor enough to stop shedding', () => {
    const calls = series(64, NOW, (at) => at % 16 === 15);
    expect(standing({ calls }).stage).toBe('fine');
    expect(standing({ calls, wasPoor: true })).toMatchObject({ stage: 'poor' });
    expect(standing({ calls: series(64, NOW, (at) => at % 32 === 31), wasPoor: true }).stage).toBe('fine');
  });

  it.each([
    ['slow', 7000, false, 'poor'],
    ['quick', 3000, false, 'fine'],
    ['between the bounds', 5000, false, 'fine'],
    ['between the bounds after it was slow', 5000, true, 'poor'],
  ] as const)('a median post-dial delay that is %s', (_name, pddMs, wasPoor, stage) => {
    const calls = Array.from({ length: 10 }, (_, at) => call(NOW + at, { pddMs }));
    expect(standing({ calls, wasPoor }).stage).toBe(stage);
    expect(standing({ calls: calls.slice(1) }).stage).toBe('fine');
  });

  it('a low ASR counts only beside a trunk whose ASR is proven to be much higher', () => {
    const calls = Array.from({ length: 40 }, (_, at) => call(NOW + at, { isAnswered: at % 8 === 0 }));
    expect(standing({ calls }).stage).toBe('fine');
    expect(standing({ calls, otherAsrLow: () => 0.15 }).stage).toBe('fine');
    expect(standing({ calls, otherAsrLow: () => 0.6 })).toMatchObject({
      stage: 'poor',
      reason: '5 of 40 calls answered, elsewhere at least 60 %',
    });
  });

  it.each([
    [4.2, 4.3, 'fine'],
    [2.8, 3.2, 'fine'],
    [2.8, 3, 'poor'],
    [1.5, 1.9, 'failing'],
  ] as const)('a MOS of %f, at most %f, is %s', (value, high, stage) => {
    expect(standing({ mos: { value, high, n: 9000 } }).stage).toBe(stage);
  });

  it('calls a trunk of 98 % NER failing or poor in less than one of a thousand looks', () => {
    const random = seeded(11);
    let accused = 0;
    for (let look = 0; look < 5000; look += 1) {
      const calls = series(64, NOW, () => random() < 0.02);
      if (standing({ calls }).stage !== 'fine') accused += 1;
    }
    expect(accused).toBeLessThan(5);
  });

  it('a call that went through instead of failing never makes it worse', () => {
    const rank = { unknown: 0, fine: 0, poor: 1, failing: 2 };
    const outcomes = fc.array(fc.boolean(), { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(outcomes, fc.nat(), fc.boolean(), (isFailed, which, wasPoor) => {
        const mended = which % isFailed.length;
        const before = standing({ calls: series(isFailed.length, NOW, (at) => isFailed[at] === true), wasPoor });
        const calls = series(isFailed.length, NOW, (at) => isFailed[at] === true && at !== mended);
        expect(rank[standing({ calls, wasPoor }).stage]).toBeLessThanOrEqual(rank[before.stage]);
      }),
      { numRuns: 500 },
    );
  });
});
