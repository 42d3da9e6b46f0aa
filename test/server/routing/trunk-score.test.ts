import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lossEstimate } from '../../../server/paths/wilson.ts';
import { callStanding } from '../../../server/routing/call-standing.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { trunkScore } from '../../../server/routing/trunk-score.ts';
import { health, NOW } from './judged.ts';
import { series } from './made-calls.ts';

const path = (lost: number, sent = 60) =>
  health('fra-1', 'a.a1', 'healthy', { options: lossEstimate({ sent, lost }, 60_000) });
const calls = (count: number, isFailed: (at: number) => boolean) =>
  callStanding(
    { calls: series(count, NOW, isFailed), otherAsrLow: () => undefined, mos: undefined, wasPoor: false },
    ROUTE_POLICY.calls,
  );
const score = (parts: Partial<Parameters<typeof trunkScore>[0]>) =>
  trunkScore({ healths: [], standing: undefined, usedRatio: undefined, ...parts });

describe('score of a trunk', () => {
  it('Unknown is not bad (safety rule 2): nothing known is 1', () => {
    expect(score({})).toEqual({ score: 1, factors: [] });
    expect(score({ healths: [path(0)], usedRatio: 0.3 })).toEqual({ score: 1, factors: [] });
  });

  it('is 0 for a trunk whose every edge is hard-down, and that of the best edge otherwise', () => {
    const down = health('fra-1', 'a.a1', 'hard-down');
    expect(score({ healths: [down] }).score).toBe(0);
    expect(score({ healths: [down, path(0)] }).score).toBe(1);
  });

  it('falls with loss, failed calls, delay, MOS and a lack of room, each named', () => {
    const standing = { ...calls(40, (at) => at % 2 === 0), pddMs: 8000, mosHigh: 2.7 };
    const { factors } = score({ healths: [path(12)], standing, usedRatio: 0.85 });
    expect(factors.map(({ of, factor }) => [of, Math.round(factor * 100)])).toEqual([
      ['loss', 15],
      ['ner', 65],
      ['pdd', 50],
      ['mos', 50],
      ['room', 50],
    ]);
  });

  it('weighs few samples little: 1 of 2 lost says less than 30 of 60', () => {
    expect(score({ healths: [path(1, 2)] }).score).toBeGreaterThan(score({ healths: [path(30, 60)] }).score);
    const few = score({ standing: calls(2, () => true) }).score;
    expect(few).toBeGreaterThan(score({ standing: calls(40, () => true) }).score);
  });

  it('has no cliff: one lost sample more or less of 60 moves it by less than a quarter', () => {
    const scores = Array.from({ length: 61 }, (_, lost) => score({ healths: [path(lost)] }).score);
    for (const [at, value] of scores.slice(1).entries()) {
      expect(value).toBeLessThanOrEqual(scores[at] ?? 0);
      expect((scores[at] ?? 0) - value).toBeLessThan(0.25);
    }
  });

  it('is never better for more loss, more failed calls or less room', () => {
    const part = fc.record({ lost: fc.integer({ min: 0, max: 59 }), used: fc.double({ min: 0, max: 2, noNaN: true }) });
    fc.assert(
      fc.property(part, fc.integer({ min: 0, max: 59 }), ({ lost, used }, failures) => {
        const at = (more: number) =>
          score({
            healths: [path(lost + more)],
            standing: calls(60, (index) => index < failures + more),
            usedRatio: used + more,
          }).score;
        expect(at(1)).toBeLessThanOrEqual(at(0));
        expect(at(0)).toBeGreaterThanOrEqual(0);
        expect(at(0)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
