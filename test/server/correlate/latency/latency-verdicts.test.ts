import { describe, expect, it } from 'vitest';
import { recallVerdicts } from '../../../../server/correlate/correlate.ts';
import { LatencyBook } from '../../../../server/correlate/latency/latency-book.ts';
import { placeKey } from '../../../../server/correlate/places.ts';
import type { Place, Verdict } from '../../../../server/correlate/verdict.ts';
import type { PathRef } from '../../../../server/paths/path-health.ts';
import { seeded } from '../../../support/seeded.ts';
import { fleetRefs, suffers } from '../loss-simulation.ts';
import { answeredIn, RttFleet } from './rtt-simulation.ts';

const REFS = fleetRefs({ sites: 3, providers: 4, hasMesh: true });
const PROVIDER: Place = { kind: 'provider', provider: 'telco-a' };
const PATH: Place = { kind: 'path', pbx: 's1-1', target: 'a.e1' };
const LEARN_S = 60;

/** What was told, second by second from the start of the fault. */
type Told = { readonly atS: number; readonly kind: string; readonly verdict: Verdict };

function play(
  fleet: RttFleet,
  [from, to]: readonly [number, number],
  addedMs: (ref: PathRef, atS: number) => number,
): readonly Told[] {
  const told: Told[] = [];
  for (let atS = from; atS < to; atS += 1) {
    fleet.second((ref) => addedMs(ref, atS));
    for (const { kind, verdict } of fleet.pass().effects) told.push({ atS, kind, verdict });
  }
  return told;
}

function learnt(refs = REFS, seed = 5): RttFleet {
  const fleet = new RttFleet(refs, seeded(seed));
  expect(play(fleet, [-LEARN_S, 0], () => 0)).toEqual([]);
  return fleet;
}

const slower = (place: Place, byMs: number) => (ref: PathRef) => (suffers(ref, place) ? byMs : 0);
const namedOf = (told: readonly Told[]) => [
  ...new Set(told.flatMap(({ verdict: { certainty, place } }) => (certainty === 'named' ? [placeKey(place)] : []))),
];

describe('a verdict on latency', () => {
  it.each<[Place, number]>([
    [PROVIDER, 30],
    [{ kind: 'site', site: 's1' }, 30],
    [{ kind: 'probe', pbx: 's1-1' }, 30],
    [PATH, 300],
    [{ kind: 'path', pbx: 's1-1', target: 'peer.s2-1' }, 300],
  ])('names %j, and nothing else, once it is 30 ms slower', (place, withinS) => {
    const told = play(learnt(), [0, withinS], slower(place, 30));
    expect(namedOf(told)).toEqual([placeKey(place)]);
    expect(told.every(({ verdict }) => verdict.symptom === 'latency')).toBe(true);
  });

  it('says by how much, against what is usual, seen from where, and that round trips tell no direction', () => {
    const [opening] = play(learnt(), [0, 60], slower(PROVIDER, 30));
    expect(opening).toMatchObject({ kind: 'verdict-opened', verdict: { direction: 'unknown', siteCount: 3 } });
    expect(opening?.verdict.sentence).toMatch(
      /^Provider telco-a: slower than usual on 3 of 3 paths seen from 3 sites, as at path s\d-1 > a\.e1: OPTIONS round trip [\d.]+ ms \(95 % [\d.]+ to [\d.]+, n = \d+\), usually [\d.]+ ms, 15 paths elsewhere are as usual \(posterior 0\.99\d; next: .+\); round trips tell no direction\.$/,
    );
    for (const { now, usual } of opening?.verdict.shifts ?? []) expect(Math.abs(now - usual - 30)).toBeLessThan(3);
  });

  it('counts the loss of its paths as what OPTIONS lost, which is none', () => {
    const [opening] = play(learnt(), [0, 60], slower(PROVIDER, 30));
    expect(opening?.verdict.lossInsideRatio).toBe(0);
    expect(opening?.verdict.evidence.map(({ lost, sent }) => [sent, lost])).toEqual([
      [60, 0],
      [60, 0],
      [60, 0],
    ]);
  });

  it('is not opened by 1 ms, nor by less than 10 ms', () => {
    for (const byMs of [1, 6]) expect(play(learnt(), [0, 600], slower(PROVIDER, byMs))).toEqual([]);
  });

  it('is not opened by bursts of 15 s on a path, nor by a tide of 8 ms over a day that all paths share', () => {
    const fleet = learnt();
    const told = play(
      fleet,
      [0, 7200],
      (ref, atS) =>
        4 * (1 + Math.sin((2 * Math.PI * atS) / 86_400)) +
        (ref.target === 'a.e1' && atS % 600 < 15 && ref.site === 's1' ? 60 : 0),
    );
    expect(told).toEqual([]);
  });

  it('keeps its baseline for as long as the fault lasts, an hour, and clears 30 s after it is over', () => {
    const fleet = learnt();
    const told = play(fleet, [0, 3700], (ref, atS) => (atS < 3600 ? slower(PROVIDER, 30)(ref) : 0));
    const cleared = told.filter(({ kind }) => kind === 'verdict-cleared');
    expect(cleared).toHaveLength(1);
    expect(cleared[0]?.atS).toBeGreaterThanOrEqual(3630);
    expect(cleared[0]?.verdict.sentence).toMatch(/^Cleared: quiet for 30 s\. It was: Provider telco-a: slower/);
  });

  it('reopens under its id when the place is slow again within ten minutes', () => {
    const fleet = learnt();
    const first = play(fleet, [0, 200], (ref, atS) => (atS < 100 ? slower(PROVIDER, 30)(ref) : 0));
    const again = play(fleet, [200, 260], slower(PROVIDER, 30));
    const opened = [...first, ...again].filter(({ kind }) => kind === 'verdict-opened');
    expect(opened).toHaveLength(2);
    expect(opened[0]?.verdict.verdictId).toBe(opened[1]?.verdict.verdictId);
  });

  it('takes a level that has stood for six hours as usual, and says so', () => {
    const fleet = learnt(fleetRefs({ sites: 2, providers: 2, hasMesh: true }));
    const told = play(fleet, [0, 6 * 3600 + 120], slower(PROVIDER, 30));
    const cleared = told.find(({ kind }) => kind === 'verdict-cleared');
    expect(cleared?.verdict.sentence).toMatch(/^Cleared: it has stood for hours and is now taken as usual\. It was: /);
    expect(play(fleet, [0, 120], slower(PROVIDER, 30))).toEqual([]);
  }, 60_000);

  it('names two faults side by side', () => {
    const other: Place = { kind: 'site', site: 's2' };
    const told = play(learnt(), [0, 60], (ref) => slower(PROVIDER, 30)(ref) + slower(other, 30)(ref));
    expect(namedOf(told).toSorted((one, next) => one.localeCompare(next))).toEqual(['provider-telco-a', 'site-s2']);
  });
});

describe('what keeps a place from being named', () => {
  it('one site: a provider that only one PBX watches stays an ambiguity group, or a suspicion (safety rule 3)', () => {
    const told = play(learnt(fleetRefs({ sites: 1, providers: 3, hasMesh: false })), [0, 400], slower(PROVIDER, 30));
    expect(told.length).toBeGreaterThan(0);
    expect(namedOf(told)).toEqual([]);
    expect(told.at(-1)?.verdict.group.map(placeKey)).toContain('path-s1-1-a.e1');
  });

  it('everything slow at once accuses the monitor and nobody else', () => {
    const told = play(learnt(), [0, 60], () => 30);
    expect(told[0]?.verdict).toMatchObject({ certainty: 'suspect', place: { kind: 'none' } });
    expect(told[0]?.verdict.sentence).toContain('Look first at the monitor itself');
    expect(namedOf(told)).toEqual([]);
  });

  it('a coarse instrument: what a probe measures while its own loopback takes 8 ms does not count (safety rule 1)', () => {
    const fleet = learnt();
    const told: Told[] = [];
    for (let atS = 0; atS < 120; atS += 1) {
      fleet.book.instrument('s1-1', reading(8), fleet.nowMs);
      told.push(...play(fleet, [atS, atS + 1], (ref) => (ref.pbx === 's1-1' ? 30 : 0)));
    }
    expect(told).toEqual([]);
  });
});

describe('figures that go missing', () => {
  it('leave a verdict standing, and say so; it clears once the paths speak again and are as usual (safety rule 2)', () => {
    const fleet = learnt();
    play(fleet, [0, 60], slower(PROVIDER, 30));
    fleet.silence(true);
    const silent = play(fleet, [60, 200], () => 0);
    expect(silent.every(({ kind }) => kind === 'verdict-updated')).toBe(true);
    expect(silent.at(-1)?.verdict.sentence).toContain('Stands as it was: no figures now from');
    fleet.silence(false);
    expect(play(fleet, [200, 300], () => 0).at(-1)?.kind).toBe('verdict-cleared');
  });

  it('by a restart of the hub: the baseline comes from the verdict, so the slow level is not learnt as usual (safety rule 9)', () => {
    const fleet = learnt();
    play(fleet, [0, 60], slower(PROVIDER, 30));
    const stored = JSON.parse(JSON.stringify(fleet.pass().open)) as Verdict[];
    const after = new RttFleet(REFS, seeded(5));
    after.nowMs = fleet.nowMs;
    after.state = recallVerdicts(stored, after.nowMs);
    after.book.recall(stored);
    const going = play(after, [0, 300], slower(PROVIDER, 30));
    expect(going.filter(({ kind }) => kind !== 'verdict-updated')).toEqual([]);
    expect(going.at(-1)?.verdict.verdictId).toBe(stored[0]?.verdictId);
    expect(play(after, [300, 400], () => 0).map(({ kind }) => kind)).toContain('verdict-cleared');
  });
});

describe('a path that is no longer declared', () => {
  it('is forgotten, and learnt anew when it comes back', () => {
    const book = new LatencyBook();
    for (let at = 1; at <= 40; at += 1) book.add('s1-1', answeredIn('a.e1', 20), at * 1000);
    book.keepOnly('s1-1', new Set(['b.e1']));
    for (let at = 41; at <= 50; at += 1) book.add('s1-1', answeredIn('a.e1', 90), at * 1000);
    expect(book.isAnyShifted(50_000)).toBe(false);
  });
});

function reading(selfProbeRttMs: number) {
  return {
    eventLoopDelayP99Ms: 5,
    eventLoopDelayMaxMs: 30,
    selfProbeSent: 10,
    selfProbeLost: 0,
    selfProbeRttMs,
    missedSchedules: 0,
    droppedMeasurements: 0,
    intervalMs: 1000,
  };
}
