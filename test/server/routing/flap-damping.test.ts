import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../server/correlate/verdict.ts';
import { PathTable } from '../../../server/paths/path-table.ts';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import type { FlipProposal } from '../../../server/routing/route-plan.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import type { Schedule, SipOptionsMeasurement } from '../../../wire/measurement.ts';
import { seeded } from '../../support/seeded.ts';
import { answered, missed, trunkPath } from '../paths/measured.ts';

import { NOW, pbxInput, verdict } from './judged.ts';

const PBXES = ['fra-1', 'ams-1', 'lon-1'];
const TARGETS = ['a.a1', 'b.b1', 'c.c1'];
const CONFIRMATIONS = 8;

type Outcome = { readonly flips: readonly FlipProposal[]; readonly states: ReadonlySet<string> };

type World = {
  readonly seconds: number;
  readonly seed: number;
  /** Loss of one OPTIONS round trip, 0 to 1. */
  readonly lossRatio: (pbx: string, target: string, atMs: number) => number;
  readonly verdicts?: (atMs: number) => readonly Verdict[];
};

/**
 * Liveness at 1 s, Poisson loss samples at 5 s, and after each miss up to eight confirmations 100 ms apart until one is
 * answered; a batch every 100 ms, each judged and planned for in enforce mode before the next attempt.
 */
function simulate({ seconds, seed, lossRatio, verdicts }: World): Outcome {
  const random = seeded(seed);
  const table = new PathTable();
  const pbxes = PBXES.map((pbx) => pbxInput(pbx));
  for (const pbx of PBXES) {
    const refs = TARGETS.map((target) => trunkPath(pbx, `telco-${target[0]}`, target));
    table.setPaths(pbx, refs, NOW);
  }
  const flips: FlipProposal[] = [];
  const states = new Set<string>();
  const confirmations = new Map<string, number>();
  let memory = EMPTY_PLANNER;
  const attempt = (pbx: string, target: string, atMs: number, schedule: Schedule) =>
    random() < lossRatio(pbx, target, atMs) ? missed(target, atMs, schedule) : answered(target, atMs, schedule);
  const due = (pbx: string, target: string, atMs: number): readonly SipOptionsMeasurement[] => {
    const left = confirmations.get(`${pbx}>${target}`) ?? 0;
    const schedules: Schedule[] = [];
    if (atMs % 1000 === 0) schedules.push('liveness');
    else if (left > 0) schedules.push('confirm');
    if (random() < 0.02) schedules.push('loss');
    const made = schedules.map((schedule) => attempt(pbx, target, atMs, schedule));
    const last = made.at(-1);
    if (last) confirmations.set(`${pbx}>${target}`, nextLeft(last, left));
    return made;
  };
  for (let atMs = 0; atMs < seconds * 1000; atMs += 100) {
    const nowMs = NOW + atMs + 80;
    const changed = PBXES.flatMap((pbx) => {
      const measurements = TARGETS.flatMap((target) => due(pbx, target, atMs));
      const batch = { pbx, instanceId: 'instance-1', measurements, batchSentAtMs: atMs + 60, nowMs };
      return table.addBatch(batch).changedKeys;
    });
    if (changed.length === 0 && atMs % 1000 !== 0) continue;
    const healths = table.healths(nowMs);
    for (const { state } of healths) states.add(state);
    const result = plan(
      memory,
      {
        pbxes,
        healths: new Map(healths.map((health) => [health.ref.key, health])),
        verdicts: verdicts?.(atMs) ?? [],
        policy: ROUTE_POLICY,
      },
      nowMs,
    );
    memory = result.memory;
    flips.push(...result.flips);
  }
  return { flips, states };
}

function nextLeft({ outcome, schedule }: SipOptionsMeasurement, left: number): number {
  if (outcome.kind === 'answered') return 0;
  return schedule === 'confirm' ? left - 1 : CONFIRMATIONS;
}

function moves(flips: readonly FlipProposal[], pbx: string): readonly string[] {
  return flips.filter((flip) => flip.pbx === pbx).map(({ fromTrunk, toTrunk }) => `${fromTrunk}>${toTrunk}`);
}

describe('flap damping', () => {
  it.each([
    [0.02, ['healthy']],
    [0.1, ['healthy', 'degraded']],
    [0.2, ['healthy', 'degraded']],
  ])('0 flips in 30 minutes with %f random loss on everything and no verdict', (loss, seen) => {
    const { flips, states } = simulate({ seconds: 1800, seed: 7, lossRatio: () => loss });
    expect(flips).toEqual([]);
    expect(states.has('hard-down')).toBe(false);
    expect([...states]).toEqual(expect.arrayContaining(seen));
  });

  it('one flip away within 2 s and one back, for a trunk that goes dark for a minute', () => {
    const isDark = (target: string, atMs: number) => target === 'a.a1' && atMs >= 300_000 && atMs < 360_000;
    const { flips } = simulate({
      seconds: 600,
      seed: 8,
      lossRatio: (_pbx, target, atMs) => (isDark(target, atMs) ? 1 : 0.002),
    });
    for (const pbx of PBXES) expect(moves(flips, pbx)).toEqual(['a>b', 'b>a']);
    const away = flips.filter(({ direction }) => direction === 'away').map(({ atMs }) => atMs - NOW - 300_000);
    expect(Math.max(...away)).toBeLessThan(2000);
    const back = flips.filter(({ direction }) => direction === 'back').map(({ atMs }) => atMs - NOW - 360_000);
    expect(Math.min(...back)).toBeGreaterThanOrEqual(49_000);
  });

  it('one flip away and one back for a trunk that comes and goes for 20 minutes: 60 s dark, 25 s up', () => {
    const isDark = (target: string, atMs: number) =>
      target === 'a.a1' && atMs >= 300_000 && atMs < 1_500_000 && (atMs - 300_000) % 85_000 < 60_000;
    const { flips } = simulate({
      seconds: 3600,
      seed: 9,
      lossRatio: (_pbx, target, atMs) => (isDark(target, atMs) ? 1 : 0.002),
    });
    for (const pbx of PBXES) expect(moves(flips, pbx)).toEqual(['a>b', 'b>a']);
  });

  it('heavy loss moves calls only once a verdict names the provider, and back once it is over', () => {
    const isLossy = (target: string, atMs: number) => target === 'a.a1' && atMs >= 300_000 && atMs < 600_000;
    const { flips } = simulate({
      seconds: 1200,
      seed: 10,
      lossRatio: (_pbx, target, atMs) => (isLossy(target, atMs) ? 0.3 : 0.002),
      verdicts: (atMs) => (atMs >= 420_000 && atMs < 660_000 ? [verdict({ witnesses: PBXES, siteCount: 3 })] : []),
    });
    for (const pbx of PBXES) expect(moves(flips, pbx)).toEqual(['a>b', 'b>a']);
    expect(Math.min(...flips.map(({ atMs }) => atMs - NOW))).toBeGreaterThanOrEqual(420_000);
  });

  it('one dark uplink moves nothing anywhere: all its trunks are silent, the others see nothing (safety rules 2 and 3)', () => {
    const isDark = (pbx: string, atMs: number) => pbx === 'fra-1' && atMs >= 300_000 && atMs < 420_000;
    const { flips } = simulate({
      seconds: 900,
      seed: 11,
      lossRatio: (pbx, _target, atMs) => (isDark(pbx, atMs) ? 1 : 0.002),
    });
    expect(flips).toEqual([]);
  });
});
