import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../server/routing/edge-evidence.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { adoptedHold, holdMs, NO_HOLD, stepHold, type TrunkHold } from '../../../server/routing/trunk-hold.ts';
import { trunkTier } from '../../../server/routing/trunk-tier.ts';
import { NOW } from './judged.ts';

const S = 1000;
const DOWN: Evidence = { kind: 'hard-down', reason: 'down', verdictId: undefined };
const DEGRADED: Evidence = { kind: 'degraded', reason: 'lossy', verdictId: 'v-1' };
const UNKNOWN: Evidence = { kind: 'unknown', reason: 'unknown', verdictId: undefined };

function good(sinceMs: number, samples = 1000, isClean = true): Evidence {
  return { kind: 'good', reason: 'healthy', verdictId: undefined, isClean, goodSinceMs: sinceMs, samples };
}

function step(hold: TrunkHold, evidence: Evidence, atMs: number): TrunkHold {
  return stepHold(hold, evidence, ROUTE_POLICY, atMs);
}

const BAD = step(NO_HOLD, DOWN, NOW);

describe('hold of a trunk', () => {
  it('begins with the first bad evidence and runs 30 s from the last', () => {
    expect(BAD).toEqual({ phase: 'bad', strikes: 1, lastBadAtMs: NOW, holdUntilMs: NOW + 30 * S });
    expect(step(BAD, DEGRADED, NOW + 600 * S)).toMatchObject({ strikes: 1, holdUntilMs: NOW + 630 * S });
  });

  it('doubles with every relapse, up to 30 minutes', () => {
    expect([1, 2, 3, 6, 7, 60].map((strikes) => holdMs(strikes, ROUTE_POLICY) / S)).toEqual([
      30, 60, 120, 960, 1800, 1800,
    ]);
    const recovering = step(BAD, good(NOW + 5 * S), NOW + 10 * S);
    expect(recovering.phase).toBe('recovering');
    expect(step(recovering, DOWN, NOW + 40 * S)).toMatchObject({ strikes: 2, holdUntilMs: NOW + 100 * S });
  });

  it('is not doubled by trouble that comes again while the trunk is still held: it is the same trouble', () => {
    const recovering = step(BAD, good(NOW + 5 * S), NOW + 10 * S);
    expect(step(recovering, DEGRADED, NOW + 20 * S)).toMatchObject({ strikes: 1, holdUntilMs: NOW + 50 * S });
  });

  it('forgives one doubling for each hour without trouble', () => {
    const worn: TrunkHold = { phase: 'free', strikes: 4, lastBadAtMs: NOW, holdUntilMs: NOW };
    expect(step(worn, DOWN, NOW + 1800 * S).strikes).toBe(5);
    expect(step(worn, DOWN, NOW + 2 * 3600 * S).strikes).toBe(3);
    expect(step(worn, DOWN, NOW + 99 * 3600 * S).strikes).toBe(1);
  });

  it('ends only after the hold and 20 s and 20 samples of healthy evidence after it', () => {
    const healthySinceMs = NOW + 5 * S;
    const at = (s: number, samples?: number) => step(BAD, good(healthySinceMs, samples), NOW + s * S).phase;
    expect(at(29)).toBe('recovering');
    expect(at(49.9)).toBe('recovering');
    expect(at(50)).toBe('free');
    expect(at(50, 19)).toBe('recovering');
    expect(at(50, 20)).toBe('free');
    expect(step(BAD, good(NOW + 45 * S), NOW + 64 * S).phase).toBe('recovering');
    expect(step(BAD, good(NOW + 45 * S), NOW + 65 * S).phase).toBe('free');
  });

  it('never ends while the loss test has not cleared', () => {
    expect(step(BAD, good(NOW, 1000, false), NOW + 3600 * S).phase).toBe('recovering');
  });

  it('Unknown is not good (safety rule 2): it moves nothing', () => {
    expect(step(BAD, UNKNOWN, NOW + 3600 * S)).toBe(BAD);
    expect(step(NO_HOLD, UNKNOWN, NOW)).toBe(NO_HOLD);
  });

  it('of a trunk found demoted asks for half-open evidence from then on (safety rule 9)', () => {
    const adopted = adoptedHold(NOW);
    expect(step(adopted, good(NOW - 9999 * S), NOW + 19 * S).phase).toBe('recovering');
    expect(step(adopted, good(NOW - 9999 * S), NOW + 20 * S).phase).toBe('free');
  });
});

describe('tier of a trunk', () => {
  const RECOVERING: TrunkHold = { ...BAD, phase: 'recovering' };

  it.each<[string, Evidence, TrunkHold, number, string]>([
    ['usable', good(NOW), NO_HOLD, 0, 'usable'],
    ['usable though lossy, without trouble before', good(NOW, 1000, false), NO_HOLD, 0, 'usable'],
    ['held', good(NOW + 2 * S), RECOVERING, 29, 'held'],
    ['half-open for time', good(NOW + 2 * S), RECOVERING, 31, 'half-open'],
    ['half-open for samples', good(NOW + 2 * S, 3), RECOVERING, 300, 'half-open'],
    ['half-open for loss', good(NOW + 2 * S, 3000, false), RECOVERING, 300, 'half-open'],
    ['usable after', good(NOW + 2 * S), RECOVERING, 300, 'usable'],
    ['hard-down', DOWN, BAD, 0, 'hard-down'],
    ['degraded', DEGRADED, BAD, 0, 'degraded'],
    ['unknown in the hold', UNKNOWN, BAD, 10, 'unknown'],
    ['unknown long after the hold', UNKNOWN, BAD, 9999, 'unknown'],
  ])('is %s', (_name, evidence, hold, afterS, tier) => {
    expect(trunkTier('a', evidence, hold, ROUTE_POLICY, NOW + afterS * S).tier).toBe(tier);
  });

  it('says what is lacking', () => {
    const { reason } = trunkTier('a', good(NOW + 2 * S), RECOVERING, ROUTE_POLICY, NOW + 35 * S);
    expect(reason).toBe('half-open, healthy for 5 of 20 s after trouble (strike 1); healthy');
  });
});
