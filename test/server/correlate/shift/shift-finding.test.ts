import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildHypotheses } from '../../../../server/correlate/hypotheses.ts';
import { placeKey } from '../../../../server/correlate/places.ts';
import type { LaneSays } from '../../../../server/correlate/shift/shift-book.ts';
import { judgeShiftCalm } from '../../../../server/correlate/shift/shift-calm.ts';
import { shiftEvidence } from '../../../../server/correlate/shift/shift-evidence.ts';
import { findShifts } from '../../../../server/correlate/shift/shift-finding.ts';
import { weighShifts } from '../../../../server/correlate/shift/shift-search.ts';
import { type ShiftView, together } from '../../../../server/correlate/shift/shift-view.ts';
import type { PathRef } from '../../../../server/paths/path-health.ts';
import { fixedEvidence, fleetRefs, suffers, trunkRef } from '../loss-simulation.ts';

const NOW_MS = 10_000_000;
const REFS = fleetRefs({ sites: 3, providers: 4, hasMesh: true });
const PROVIDER = { kind: 'provider', provider: 'telco-a' } as const;
const CLEAN: LaneSays = { kind: 'clean' };
const NONE: LaneSays = { kind: 'none' };
const since = (ms: number): LaneSays => ({ kind: 'shifted', sinceMs: NOW_MS - ms });
const doubt = (ms: number): LaneSays => ({ kind: 'unsure', sinceMs: NOW_MS - ms });

function sightOf(refs: readonly PathRef[]) {
  const paths = refs.map((ref) => fixedEvidence(ref, { sent: 60, lost: 0 }));
  return { nowMs: NOW_MS, space: buildHypotheses(refs), paths, freshFromMs: new Map<string, number>() };
}

const found = (says: (ref: PathRef) => LaneSays, refs = REFS) =>
  findShifts(sightOf(refs), refs.map(says)).map(
    ({ certainty, group, place }) => `${certainty} ${(group.length > 1 ? group : [place]).map(placeKey).join('|')}`,
  );

describe('weighing which paths are shifted', () => {
  const says = fc.oneof(
    fc.constantFrom(CLEAN, CLEAN, NONE),
    fc.integer({ min: -5000, max: 100_000_000 }).map(since),
    fc.integer({ min: 0, max: 100_000 }).map(doubt),
  );

  it('sums to one and stays finite whatever the paths say', () => {
    const sight = sightOf(REFS);
    fc.assert(
      fc.property(fc.array(says, { minLength: REFS.length, maxLength: REFS.length }), (said) => {
        const { nonePosterior, sets } = weighShifts(sight.space, shiftEvidence(sight, said));
        const sum = sets.reduce((total, { posterior }) => total + posterior, 0);
        expect(sum).toBeCloseTo(1, 9);
        expect(nonePosterior).toBeGreaterThanOrEqual(0);
        expect(new Set(sets.map(({ faults }) => faults.toSorted((one, other) => one - other).join())).size).toBe(
          sets.length,
        );
        for (const finding of findShifts(sight, said)) {
          expect(finding.posterior).toBeGreaterThanOrEqual(0);
          expect(finding.posterior).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('says nothing of no paths at all, and nothing while none is shifted', () => {
    expect(findShifts(sightOf([]), [])).toEqual([]);
    expect(found(() => CLEAN)).toEqual([]);
    expect(found(() => NONE)).toEqual([]);
  });

  it('takes ten seconds at three sites for the provider, and minutes for a single path', () => {
    expect(found((ref) => (suffers(ref, PROVIDER) ? since(10_000) : CLEAN))).toEqual(['named provider-telco-a']);
    const one = (ms: number) => found((ref) => (ref.key === 's1-1>a.e1' ? since(ms) : CLEAN));
    expect(one(60_000)).toEqual([]);
    expect(one(400_000)).toEqual(['named path-s1-1-a.e1']);
  });

  it('counts both directions between two PBXs as one way', () => {
    const line = (ref: PathRef) => ['s1-1>peer.s2-1', 's2-1>peer.s1-1'].includes(ref.key);
    expect(found((ref) => (line(ref) ? since(30_000) : CLEAN))).toEqual([]);
    expect(found((ref) => (line(ref) ? since(400_000) : CLEAN))).toEqual(['named path-s1-1-peer.s2-1']);
  });

  it('tells the probe from its site by what others measure of it', () => {
    const ofProbe = (ref: PathRef) => (ref.pbx === 's1-1' ? since(20_000) : CLEAN);
    expect(found(ofProbe)).toEqual(['named probe-s1-1']);
    const site = { kind: 'site', site: 's1' } as const;
    expect(found((ref) => (suffers(ref, site) ? since(20_000) : CLEAN))).toEqual(['named site-s1']);
  });

  it('waits for a path in young doubt that would tell places apart, for a minute', () => {
    const reverse = (ms: number) => (ref: PathRef) =>
      ref.pbx === 's1-1' ? since(20_000) : ref.target === 'peer.s1-1' ? doubt(ms) : CLEAN;
    expect(found(reverse(5000))).toEqual([]);
    expect(found(reverse(60_000))).toEqual(['ambiguous probe-s1-1|site-s1']);
  });

  it('does not name a provider where one of its ways is clean', () => {
    const told = found((ref) => (ref.key === 's3-1>a.e1' ? CLEAN : suffers(ref, PROVIDER) ? since(20_000) : CLEAN));
    expect(told.filter((each) => each.startsWith('named'))).toEqual([]);
  });

  it('does not name a provider that one site sees (safety rule 3), nor the provider apart from its only path', () => {
    const refs = ['a', 'b', 'c'].flatMap((letter) => [trunkRef('s1-1', 's1', letter), trunkRef('s1-2', 's1', letter)]);
    const told = found((ref) => (suffers(ref, PROVIDER) ? since(60_000) : CLEAN), refs);
    expect(told).toEqual(['suspect provider-telco-a']);
  });

  it('counts no site as a witness whose paths are clean but for one in a stretch of its own (safety rule 3)', () => {
    const refs = ['a', 'b', 'c'].flatMap((letter) => [
      ...Array.from({ length: 17 }, (_, at) => trunkRef(`s1-${at + 1}`, 's1', letter)),
      ...Array.from({ length: 5 }, (_, at) => trunkRef(`s2-${at + 1}`, 's2', letter)),
    ]);
    const slow = (atS2: number) => (ref: PathRef) =>
      suffers(ref, PROVIDER) && (ref.site === 's1' || Number(ref.pbx.split('-')[1]) <= atS2) ? since(60_000) : CLEAN;
    expect(found(slow(1), refs)).toEqual(['suspect provider-telco-a']);
    expect(found(slow(3), refs)).toEqual(['named provider-telco-a']);
  });

  it('accuses nobody where every path of two sites is shifted, and waits where some will yet say', () => {
    expect(found(() => since(20_000))).toEqual(['suspect none']);
    expect(found((ref) => (ref.pbx === 's3-1' ? doubt(1000) : since(20_000)))).toEqual([]);
  });

  it('tells two places at fault, and what is left when both are taken away', () => {
    const site = { kind: 'site', site: 's2' } as const;
    const both = (ref: PathRef) => (suffers(ref, PROVIDER) || suffers(ref, site) ? since(20_000) : CLEAN);
    expect(found(both).toSorted((one, other) => one.localeCompare(other))).toEqual([
      'named provider-telco-a',
      'named site-s2',
    ]);
  });
});

describe('2,000 paths of one provider, of which some are in stretches of their own at any moment', () => {
  const refs = Array.from({ length: 1000 }, (_, at) => [`s${at % 10}-${at}`, `s${at % 10}`] as const).flatMap(
    ([pbx, site]) => [trunkRef(pbx, site, 'a'), trunkRef(pbx, site, 'a', 'e2'), trunkRef(pbx, site, 'b')],
  );
  const isEvery = (count: number) => (ref: PathRef) => Number(ref.pbx.split('-')[1]) % count === 7;

  it('is named though some are in doubts of their own and some elsewhere have been slow for minutes', () => {
    const says = (ownMs: number) => (ref: PathRef) => {
      if (!suffers(ref, PROVIDER)) return ref.pbx === 's7-7' ? since(150_000) : CLEAN;
      return isEvery(100)(ref) ? doubt(ownMs) : since(70_000);
    };
    expect(found(says(5000), refs)).toEqual(['named provider-telco-a']);
    expect(found(says(30_000), refs)).toEqual([]);
  });

  it('is over while no more of them are off than that, and not while more are, or one of a few witnesses is', () => {
    const sight = { ...sightOf(refs), minQuietMs: 30_000 };
    const insidePaths = sight.paths.filter(({ health }) => suffers(health.ref, PROVIDER));
    const calm = (isOff: (ref: PathRef) => boolean, witnessPaths = insidePaths) => {
      const view: ShiftView = {
        symptom: 'latency',
        isAnyShifted: () => true,
        says: ({ health }) => (isOff(health.ref) ? since(5000) : CLEAN),
        saysSince: () => CLEAN,
        figures: () => [],
        isSettledSince: () => false,
      };
      const trouble = { insidePaths, witnessPaths, quietSinceMs: NOW_MS - 30_000, peakRatio: 1 };
      return judgeShiftCalm(view, trouble, sight).kind;
    };
    expect([calm(isEvery(100)), calm(isEvery(50))]).toEqual(['over', 'waiting']);
    const few = insidePaths.filter(({ health }) => isEvery(50)(health.ref));
    expect([calm(isEvery(100), few), calm(isEvery(1000), insidePaths.slice(40, 80))]).toEqual(['waiting', 'over']);
  });
});

describe('two figures of one path', () => {
  it.each<[LaneSays, LaneSays, LaneSays['kind']]>([
    [NONE, CLEAN, 'clean'],
    [NONE, NONE, 'none'],
    [CLEAN, CLEAN, 'clean'],
    [CLEAN, since(9), 'unsure'],
    [doubt(5), CLEAN, 'unsure'],
    [doubt(5), since(9), 'shifted'],
    [since(5), since(9), 'shifted'],
  ])('%j and %j are %s, in either order', (one, other, kind) => {
    expect([together(one, other).kind, together(other, one).kind]).toEqual([kind, kind]);
  });

  it('have shifted since the earlier of the two', () => {
    expect(together(since(5), since(9))).toEqual(since(9));
  });
});
