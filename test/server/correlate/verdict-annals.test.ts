import { describe, expect, it } from 'vitest';
import {
  type CorrelateState,
  correlate,
  NOTHING_CORRELATED,
  recallVerdicts,
} from '../../../server/correlate/correlate.ts';
import type { Place, Verdict } from '../../../server/correlate/verdict.ts';
import { annotate, FLAP_MS, NO_ANNALS } from '../../../server/correlate/verdict-annals.ts';
import type { VerdictEffect } from '../../../server/correlate/verdict-effect.ts';
import { seeded } from '../../support/seeded.ts';
import { verdict as judged } from '../routing/judged.ts';
import { fixedEvidence, fleetRefs, type LossModel, SimulatedPath, suffers, trunkRef } from './loss-simulation.ts';

const REFS = fleetRefs({ sites: 2, providers: 2, hasMesh: true });
const PROVIDER_A = { kind: 'provider', provider: 'telco-a' } as const;
const CLEAN = { kind: 'independent', ratio: 0 } as const;
const LOSSY = { kind: 'independent', ratio: 0.3 } as const;
const DEAD = { kind: 'independent', ratio: 1 } as const;

/** A fleet in steps of a second, with faults switched on and off; told verdicts are kept as they would go to disk. */
class Night {
  readonly paths = REFS.map((ref) => new SimulatedPath(ref, seeded(ref.key.length * 97)));
  state: CorrelateState = NOTHING_CORRELATED;
  nowMs = 1_000_000;
  readonly told: VerdictEffect[] = [];
  readonly onDisk = new Map<string, Verdict>();
  open: readonly Verdict[] = [];

  run(seconds: number, fault: LossModel = CLEAN, place: Place = PROVIDER_A, silent: readonly string[] = []): this {
    for (let second = 0; second < seconds; second += 1) {
      this.nowMs += 1000;
      for (const path of this.paths) {
        const isSilent = silent.includes(path.ref.pbx);
        path.state = isSilent ? 'unknown' : undefined;
        if (!isSilent) path.attempt(this.nowMs, suffers(path.ref, place) ? fault : CLEAN);
      }
      this.pass();
    }
    return this;
  }

  pass(): void {
    const pass = correlate(this.state, { paths: this.paths.map((path) => path.evidence()), nowMs: this.nowMs });
    this.state = pass.state;
    this.open = pass.open;
    this.told.push(...pass.effects);
    for (const { verdict } of pass.effects) this.onDisk.set(verdict.verdictId, structuredClone(verdict));
  }

  /** Another life of the hub reads what is on disk. */
  restart(): this {
    this.state = recallVerdicts([...this.onDisk.values()], this.nowMs);
    return this;
  }
}

describe('since when a verdict lasts', () => {
  it('is the second in which the loss began, with an interval that holds it, and not the opening', () => {
    const night = new Night().run(200);
    const beganAtMs = night.nowMs;
    const [verdict] = night.run(60, LOSSY).open;
    expect(verdict?.openedAtMs).toBeGreaterThan(beganAtMs + 3000);
    expect(verdict?.sinceLowMs).toBeLessThanOrEqual(beganAtMs + 1000);
    expect(verdict?.sinceHighMs).toBeGreaterThanOrEqual(beganAtMs);
    expect((verdict?.sinceHighMs ?? 0) - (verdict?.sinceLowMs ?? 0)).toBeLessThan(20_000);
    expect(verdict?.sinceMs).toBeLessThanOrEqual(verdict?.openedAtMs ?? 0);
  });

  it('is told with the opening already, and in the last word', () => {
    const night = new Night().run(200).run(60, LOSSY).run(200);
    expect(night.told.at(0)).toMatchObject({ kind: 'verdict-opened', verdict: { sinceMs: expect.any(Number) } });
    expect(night.told.at(-1)).toMatchObject({ kind: 'verdict-cleared', verdict: { sinceMs: expect.any(Number) } });
  });

  it('stands once the verdict is some minutes old, however long it lasts', () => {
    const night = new Night().run(200).run(180, LOSSY);
    const { sinceHighMs, sinceLowMs, sinceMs } = night.open[0] ?? {};
    expect(sinceMs).toBeDefined();
    expect(night.run(600, LOSSY).open[0]).toMatchObject({ sinceMs, sinceLowMs, sinceHighMs });
  });

  it('says "before" where all that is remembered is lossy', () => {
    const night = new Night().run(60, DEAD);
    expect(night.open[0]).toMatchObject({ place: PROVIDER_A, sinceHighMs: expect.any(Number) });
    expect(night.open[0]).not.toHaveProperty('sinceMs');
    expect(night.open[0]).not.toHaveProperty('sinceLowMs');
  });

  it('outlives a restart of the hub', () => {
    const night = new Night().run(200).run(180, LOSSY);
    const { sinceMs } = night.open[0] ?? {};
    expect(night.restart().run(30, LOSSY).open[0]?.sinceMs).toBe(sinceMs);
  });

  it('stays the first beginning when the verdict reopens inside its hold', () => {
    const night = new Night().run(200).run(120, LOSSY);
    const { sinceMs, verdictId } = night.open[0] ?? {};
    night.run(200).run(120, LOSSY);
    expect(night.open[0]).toMatchObject({ verdictId, sinceMs });
  });

  it.each([
    {
      name: 'a path that once answered',
      lastAnsweredAtMs: 950_000,
      since: { sinceMs: 960_000, sinceLowMs: 950_000, sinceHighMs: 960_000 },
    },
    { name: 'a path that never did', lastAnsweredAtMs: undefined, since: { sinceHighMs: 900_000 } },
  ])('of silence is between the last answer and the next attempt: $name', ({ lastAnsweredAtMs, since }) => {
    const health = { state: 'probe-blocked' as const, sinceMs: 900_000, lastAnsweredAtMs, intervalMs: 10_000 };
    const paths = [fixedEvidence(trunkRef('s1-1', 's1', 'a'), { sent: 60, lost: 60 }, health)];
    const { open } = correlate(NOTHING_CORRELATED, { paths, nowMs: 1_000_000 });
    expect(open).toMatchObject([{ symptom: 'probe-blocked', ...since }]);
    expect('sinceMs' in (open[0] ?? {})).toBe(lastAnsweredAtMs !== undefined);
  });
});

describe('how often a verdict reopened', () => {
  it('is never at first, and one more for each time that it comes back inside the hold', () => {
    const night = new Night().run(120).run(120, LOSSY);
    expect(night.open[0]?.reopenedAtMs).toEqual([]);
    night.run(200).run(120, LOSSY);
    expect(night.open[0]?.reopenedAtMs).toHaveLength(1);
    night.run(200).run(120, LOSSY);
    expect(night.open[0]?.reopenedAtMs).toHaveLength(2);
    expect(night.told.findLast(({ kind }) => kind === 'verdict-opened')?.verdict.reopenedAtMs).toHaveLength(2);
  });

  it('counts a new verdict at the same place after the hold too', () => {
    const night = new Night().run(120).run(120, LOSSY);
    const { verdictId } = night.open[0] ?? {};
    night.run(900).run(120, LOSSY);
    expect(night.open[0]?.verdictId).not.toBe(verdictId);
    expect(night.open[0]?.reopenedAtMs).toHaveLength(1);
  });

  it('forgets what is a day old', () => {
    const night = new Night().run(120).run(120, LOSSY).run(200).run(120, LOSSY);
    expect(night.open[0]?.reopenedAtMs).toHaveLength(1);
    night.run(200);
    night.nowMs += FLAP_MS;
    expect(night.run(120).run(120, LOSSY).open[0]?.reopenedAtMs).toEqual([]);
  });

  it('goes on after a restart, inside the hold under the same id', () => {
    const night = new Night().run(120).run(120, LOSSY);
    const { sinceMs, verdictId } = night.open[0] ?? {};
    night.run(200);
    expect(night.open).toEqual([]);
    night.restart().run(120, LOSSY);
    expect(night.open[0]).toMatchObject({ verdictId, sinceMs, reopenedAtMs: [expect.any(Number)] });
  });

  it('is not raised by another place, nor by figures that were missing for a while (rule 2)', () => {
    const night = new Night().run(120).run(120, LOSSY);
    night.run(300, CLEAN, PROVIDER_A, ['s2-1']);
    expect(night.open[0]?.reopenedAtMs).toEqual([]);
    night.run(120, LOSSY);
    expect(night.open[0]?.reopenedAtMs).toEqual([]);
    night.run(300).run(120, LOSSY, { kind: 'provider', provider: 'telco-b' });
    expect(night.open[0]).toMatchObject({ place: { provider: 'telco-b' }, reopenedAtMs: [] });
  });

  it('takes a verdict that has turned out to be a part of another for no end: it does not come back', () => {
    const part = judged({ verdictId: 'v-1', clearedAtMs: 2000, mergedInto: 'v-2' });
    const again = judged({ verdictId: 'v-3', openedAtMs: 3000 });
    const nothing = { open: [], pathsOf: () => [] };
    const merged = annotate(NO_ANNALS, {
      ...nothing,
      effects: [{ kind: 'verdict-cleared', verdict: part }],
      nowMs: 2000,
    });
    const later = annotate(merged.state, {
      ...nothing,
      effects: [{ kind: 'verdict-opened', verdict: again }],
      nowMs: 3000,
    });
    expect(later.effects[0]?.verdict.reopenedAtMs).toEqual([]);
    const { mergedInto: _none, ...ended } = part;
    const cleared = annotate(NO_ANNALS, {
      ...nothing,
      effects: [{ kind: 'verdict-cleared', verdict: ended }],
      nowMs: 2000,
    });
    const back = annotate(cleared.state, {
      ...nothing,
      effects: [{ kind: 'verdict-opened', verdict: again }],
      nowMs: 3000,
    });
    expect(back.effects[0]?.verdict.reopenedAtMs).toEqual([3000]);
  });

  it('is counted for a way that answers only calls as well, which has no hold', () => {
    const path = (state: 'probe-blocked' | 'healthy') => [
      fixedEvidence(trunkRef('s1-1', 's1', 'a'), { sent: 60, lost: 0 }, { state }),
    ];
    let state = NOTHING_CORRELATED;
    const seen: number[] = [];
    for (const [at, each] of (
      ['probe-blocked', 'healthy', 'probe-blocked', 'healthy', 'probe-blocked'] as const
    ).entries()) {
      const pass = correlate(state, { paths: path(each), nowMs: 1_000_000 + at * 3_600_000 });
      state = pass.state;
      seen.push(...pass.open.map(({ reopenedAtMs = [] }) => reopenedAtMs.length));
    }
    expect(seen).toEqual([0, 1, 2]);
  });
});
