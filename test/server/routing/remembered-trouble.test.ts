import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../server/correlate/verdict.ts';
import type { LedgerCall } from '../../../server/routing/call-ledger.ts';
import type { CallTrouble } from '../../../server/routing/call-trouble.ts';
import { type PlanResult, plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import { rememberedEffect } from '../../../server/routing/remembered-trouble.ts';
import { NO_HOLD } from '../../../server/routing/trunk-hold.ts';
import { NOW, pbxInput, routeInput, verdict } from './judged.ts';
import { reader, series } from './made-calls.ts';

const S = 1000;
const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;
const LONG_WELL = { sinceMs: NOW - 3_600_000 };
const SITE = verdict({ place: { kind: 'site', site: 'fra' } });

/** Every call at a fails, every call at b goes through, one a second; tells each route, by second. */
function played(
  untilS: number,
  isFailedAtA: (atS: number) => boolean,
  verdictsAt: (atS: number) => readonly Verdict[],
) {
  const leaders: (string | undefined)[] = [];
  let memory = EMPTY_PLANNER;
  let last: PlanResult | undefined;
  for (let atS = 0; atS <= untilS; atS += 1) {
    const nowMs = NOW + atS * S;
    const atA: readonly LedgerCall[] = series(Math.min(64, atS + 1), nowMs, (at) =>
      isFailedAtA(at + Math.max(0, atS - 63)),
    );
    const calls = reader({ a: atA, b: series(64, nowMs) });
    const input = routeInput([pbxInput('fra-1')], WELL, { health: LONG_WELL, calls, verdicts: verdictsAt(atS) });
    last = plan(memory, input, nowMs);
    ({ memory } = last);
    leaders.push(last.routes[0]?.trunks[0]?.trunk);
  }
  return { leaders, last };
}

function tierOfA(result: PlanResult | undefined) {
  return result?.routes[0]?.perTrunk.find(({ trunk }) => trunk === 'a');
}

describe('trouble remembered while the own side is in trouble', () => {
  it('a trunk stopped for failing calls does not get the lead back by trouble on this side', () => {
    const { last, leaders } = played(
      300,
      () => true,
      (atS) => (atS >= 10 ? [SITE] : []),
    );
    expect(new Set(leaders.slice(10))).toEqual(new Set(['b']));
    expect(tierOfA(last)).toMatchObject({ trunk: 'a', tier: 'half-open' });
    expect(tierOfA(last)?.isTriedByCalls).toBeUndefined();
  });

  it('its hold runs on meanwhile', () => {
    const { last } = played(
      20,
      () => true,
      (atS) => (atS >= 10 ? [SITE] : []),
    );
    expect(tierOfA(last)).toMatchObject({ tier: 'degraded', reason: expect.stringMatching(/held for another \d+ s/) });
  });

  it('comes back by its calls once this side is well again', () => {
    const { leaders } = played(
      400,
      (atS) => atS < 20,
      (atS) => (atS >= 10 && atS < 120 ? [SITE] : []),
    );
    expect(new Set(leaders.slice(10, 120))).toEqual(new Set(['b']));
    expect(leaders.at(-1)).toBe('a');
  });

  const HELD = { phase: 'bad', strikes: 2, lastBadAtMs: NOW, holdUntilMs: NOW + 60 * S } as const;
  it.each<[string, CallTrouble, number, string | undefined]>([
    ['held', { hold: HELD, isPoor: false }, NOW + 59 * S, 'degraded'],
    ['after its hold', { hold: HELD, isPoor: true }, NOW + 60 * S, 'half-open'],
    ['poor', { hold: NO_HOLD, isPoor: true }, NOW, 'shedding'],
    ['free and well', { hold: NO_HOLD, isPoor: false }, NOW, undefined],
  ])('a trunk that was %s', (_name, trouble, nowMs, tier) => {
    expect(rememberedEffect(trouble, nowMs)?.tier).toBe(tier);
  });
});
