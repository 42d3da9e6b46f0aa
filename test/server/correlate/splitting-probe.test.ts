import { describe, expect, it } from 'vitest';
import { correlate, NOTHING_CORRELATED } from '../../../server/correlate/correlate.ts';
import { findFaults } from '../../../server/correlate/finding.ts';
import { ambiguityGroups, buildHypotheses } from '../../../server/correlate/hypotheses.ts';
import { isJudgeable, type PathEvidence } from '../../../server/correlate/path-evidence.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import { probeThatWouldSplit } from '../../../server/correlate/splitting-probe.ts';
import type { Place } from '../../../server/correlate/verdict.ts';
import { liveVerdict } from '../../../server/live/live-picture.ts';
import type { PathRef } from '../../../server/paths/path-health.ts';
import { seeded } from '../../support/seeded.ts';
import { fixedEvidence, fleetRefs, peerRef, SimulatedPath, sightOf, trunkRef } from './loss-simulation.ts';

/** The one group of a fleet in which the paths of `lossy` lose 30 % and `silent` ones give no figures. */
function groupOf(
  refs: readonly PathRef[],
  lossy: (ref: PathRef) => boolean,
  silent: (ref: PathRef) => boolean = () => false,
) {
  const paths = refs.map((ref): PathEvidence => {
    const counts = silent(ref) ? { sent: 0, lost: 0 } : { sent: 60, lost: lossy(ref) ? 18 : 0 };
    return fixedEvidence(ref, counts, { state: silent(ref) ? 'unknown' : 'healthy' });
  });
  const [finding] = findFaults(sightOf(paths));
  return { places: (finding?.group ?? []).map(placeKey).toSorted(), ...finding };
}

const isOf = (pbx: string) => (ref: PathRef) => ref.pbx === pbx || (ref.end.kind === 'peer' && ref.end.pbx === pbx);

describe('places that share all their paths are one group, with the probe that would split them', () => {
  it('site and probe of a lone PBX without a mesh', () => {
    const { certainty, places, wouldSplit } = groupOf(
      fleetRefs({ sites: 3, providers: 3, hasMesh: false }),
      isOf('s1-1'),
    );
    expect({ certainty, places }).toEqual({ certainty: 'ambiguous', places: ['probe-s1-1', 'site-s1'] });
    expect(wouldSplit).toBe('a peer probe from another site to s1-1, or a second PBX at site s1');
  });

  it('host and probe of one of several PBXs without a mesh', () => {
    const refs = fleetRefs({ sites: 2, providers: 3, hasMesh: false, pbxesPerSite: 2 });
    const { certainty, places, wouldSplit } = groupOf(refs, isOf('s1-1'));
    expect({ certainty, places }).toEqual({ certainty: 'ambiguous', places: ['host-s1-1', 'probe-s1-1'] });
    expect(wouldSplit).toBe('a peer probe from another PBX to s1-1');
  });

  it('provider and path of a fleet with a single site', () => {
    const refs = fleetRefs({ sites: 1, providers: 3, hasMesh: false });
    const { certainty, places, wouldSplit } = groupOf(refs, ({ target }) => target === 'a.e1');
    expect({ certainty, places }).toEqual({ certainty: 'ambiguous', places: ['path-s1-1-a.e1', 'provider-telco-a'] });
    expect(wouldSplit).toBe('a probe of provider telco-a from a site other than s1');
  });

  it('edge and its only path', () => {
    const refs = [...fleetRefs({ sites: 3, providers: 2, hasMesh: true }), trunkRef('s1-1', 's1', 'a', 'e2')];
    const { certainty, places, wouldSplit } = groupOf(refs, ({ target }) => target === 'a.e2');
    expect({ certainty, places }).toEqual({ certainty: 'ambiguous', places: ['edge-a.e2', 'path-s1-1-a.e2'] });
    expect(wouldSplit).toBe('a probe of edge a.e2 from a site other than s1');
  });

  it('line and the one pair of PBXs on it that gives figures', () => {
    const refs = fleetRefs({ sites: 3, providers: 2, hasMesh: true, pbxesPerSite: 2 });
    const joins = (ref: PathRef) => ref.end.kind === 'peer' && [ref.site, ref.end.site].toSorted().join() === 's1,s2';
    const isPair = (ref: PathRef) => joins(ref) && isOf('s1-1')(ref) && isOf('s2-1')(ref);
    const { certainty, places, wouldSplit } = groupOf(refs, isPair, (ref) => joins(ref) && !isPair(ref));
    expect({ certainty, places }).toEqual({ certainty: 'ambiguous', places: ['line-s1~s2', 'path-s1-1-peer.s2-1'] });
    expect(wouldSplit).toBe('fresh figures of path s1-1 > peer.s2-2');
  });

  it('probe and the only path that it measures', () => {
    const refs = [
      ...fleetRefs({ sites: 3, providers: 2, hasMesh: true }).filter(
        ({ pbx, target }) => pbx !== 's1-1' || target === 'a.e1',
      ),
      ...['s2', 's3'].map((site) => peerRef(`${site}-1`, site, 's1-1', 's1')),
    ].filter((ref, at, all) => all.findIndex(({ key }) => key === ref.key) === at);
    const { certainty, places, wouldSplit } = groupOf(refs, ({ pbx }) => pbx === 's1-1');
    expect({ certainty, places }).toEqual({ certainty: 'ambiguous', places: ['path-s1-1-a.e1', 'probe-s1-1'] });
    expect(wouldSplit).toBe('a probe of another target from s1-1');
  });

  it('edge and provider where only one of its edges gives figures', () => {
    const refs = fleetRefs({ sites: 3, providers: 2, hasMesh: true }).flatMap((ref) =>
      ref.target === 'a.e1' ? [ref, trunkRef(ref.pbx, ref.site, 'a', 'e2')] : [ref],
    );
    const { places, wouldSplit } = groupOf(
      refs,
      ({ target }) => target === 'a.e1',
      ({ target }) => target === 'a.e2',
    );
    expect(places).toEqual(['edge-a.e1', 'provider-telco-a']);
    expect(wouldSplit).toBe('a probe of another edge of provider telco-a');
  });
});

describe('every group of any fleet', () => {
  it('names a probe that would split it, whatever is measured and whatever gives no figures', () => {
    const random = seeded(41);
    let groups = 0;
    for (let draw = 0; draw < 300; draw += 1) {
      const shape = {
        sites: 1 + Math.floor(random() * 4),
        providers: 1 + Math.floor(random() * 3),
        hasMesh: random() < 0.5,
        pbxesPerSite: 1 + Math.floor(random() * 2),
      };
      const refs = fleetRefs(shape).flatMap((ref) => {
        const { end, pbx, site } = ref;
        if (random() < 0.2) return [];
        return end.kind === 'trunk' && random() < 0.3 ? [ref, trunkRef(pbx, site, end.trunk, 'e2')] : [ref];
      });
      const paths = refs.map((ref) =>
        fixedEvidence(ref, { sent: 60, lost: 20 }, { state: random() < 0.3 ? 'unknown' : 'healthy' }),
      );
      const sight = sightOf(paths);
      const space = buildHypotheses(refs);
      for (const group of ambiguityGroups(
        space,
        (index) => paths[index] !== undefined && isJudgeable(paths[index].health),
      )) {
        if (group.length < 2) continue;
        groups += 1;
        const places = group.flatMap((each): Place[] => (space.hypotheses[each] ? [space.hypotheses[each].place] : []));
        expect(`${places.map(placeKey).join()}: ${probeThatWouldSplit(sight, places, ['s1'])}`).toMatch(
          /: (a|fresh) \w+/,
        );
      }
    }
    expect(groups).toBeGreaterThan(300);
  });
});

describe('a verdict on one of several places', () => {
  it('is named no longer once the figures that told them apart are gone, and says to views which places are left', () => {
    const refs = fleetRefs({ sites: 3, providers: 2, hasMesh: true }).flatMap((ref) =>
      ref.target === 'a.e1' ? [ref, trunkRef(ref.pbx, ref.site, 'a', 'e2')] : [ref],
    );
    const paths = refs.map((ref, at) => new SimulatedPath(ref, seeded(at + 11)));
    let state = NOTHING_CORRELATED;
    const verdictAfter = (fromS: number, toS: number, isSilent: boolean) => {
      let open: ReturnType<typeof correlate>['open'] = [];
      for (let atS = fromS; atS < toS; atS += 1) {
        const nowMs = 1_000_000 + atS * 1000;
        for (const path of paths) {
          const isGone = isSilent && path.ref.target === 'a.e2';
          path.state = isGone ? 'unknown' : undefined;
          const isFaulty = path.ref.target === 'a.e1' && atS >= 120;
          if (!isGone) path.attempt(nowMs, { kind: 'independent', ratio: isFaulty ? 0.3 : 0 });
        }
        ({ state, open } = correlate(state, { paths: paths.map((path) => path.evidence()), nowMs }));
      }
      return open[0];
    };
    const edge = { kind: 'edge', provider: 'telco-a', trunk: 'a', edge: 'e1' };
    const before = verdictAfter(0, 240, false);
    expect(before).toMatchObject({ certainty: 'named', place: edge, group: [edge], wouldSplit: undefined });
    const after = verdictAfter(240, 300, true);
    expect(after).toMatchObject({ verdictId: before?.verdictId, certainty: 'ambiguous', place: edge });
    expect(after && liveVerdict(after)).toMatchObject({
      group: ['edge a.e1 of provider telco-a', 'provider telco-a'],
      wouldSplit: 'a probe of another edge of provider telco-a',
    });
    expect(after?.sentence).toContain('or provider telco-a');
  });
});
