import { describe, expect, it } from 'vitest';
import { ambiguityGroups, buildHypotheses, isBuiltOver } from '../../../server/correlate/hypotheses.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { PathRef } from '../../../server/paths/path-health.ts';
import { fleetRefs, peerRef, trunkRef } from './loss-simulation.ts';

function pathsByPlace(refs: readonly PathRef[]): Record<string, readonly string[]> {
  const { hypotheses } = buildHypotheses(refs);
  return Object.fromEntries(
    hypotheses.map(({ place, pathIndices }) => [placeKey(place), pathIndices.map((index) => refs[index]?.key ?? '')]),
  );
}

function groupNames(refs: readonly PathRef[], silent: readonly string[] = []): readonly string[] {
  const space = buildHypotheses(refs);
  return ambiguityGroups(space, (index) => !silent.includes(refs[index]?.key ?? ''))
    .filter((group) => group.length > 1)
    .map((group) => group.map((index) => placeKey(space.hypotheses[index]?.place ?? { kind: 'none' })).join(' = '));
}

describe('buildHypotheses', () => {
  it('of two sites, two providers and both peer directions holds exactly the places of the lab', () => {
    expect(pathsByPlace(fleetRefs({ sites: 2, providers: 2, hasMesh: true }))).toEqual({
      'site-s1': ['s1-1>a.e1', 's1-1>b.e1', 's1-1>peer.s2-1', 's2-1>peer.s1-1'],
      'probe-s1-1': ['s1-1>a.e1', 's1-1>b.e1', 's1-1>peer.s2-1'],
      'provider-telco-a': ['s1-1>a.e1', 's2-1>a.e1'],
      'path-s1-1-a.e1': ['s1-1>a.e1'],
      'provider-telco-b': ['s1-1>b.e1', 's2-1>b.e1'],
      'path-s1-1-b.e1': ['s1-1>b.e1'],
      'site-s2': ['s1-1>peer.s2-1', 's2-1>a.e1', 's2-1>b.e1', 's2-1>peer.s1-1'],
      'path-s1-1-peer.s2-1': ['s1-1>peer.s2-1', 's2-1>peer.s1-1'],
      'probe-s2-1': ['s2-1>a.e1', 's2-1>b.e1', 's2-1>peer.s1-1'],
      'path-s2-1-a.e1': ['s2-1>a.e1'],
      'path-s2-1-b.e1': ['s2-1>b.e1'],
    });
  });

  it('adds a line only where several pairs of PBXs join the same two sites', () => {
    const places = pathsByPlace(fleetRefs({ sites: 2, providers: 1, hasMesh: true, pbxesPerSite: 2 }));
    expect(places['line-s1~s2']).toHaveLength(8);
    expect(places['path-s1-1-peer.s2-2']).toEqual(['s1-1>peer.s2-2', 's2-2>peer.s1-1']);
  });

  it('adds an edge only where a provider has several, and a host only where a site has several PBXs', () => {
    const places = pathsByPlace([
      trunkRef('x', 's1', 'a', 'e1'),
      trunkRef('x', 's1', 'a', 'e2'),
      trunkRef('y', 's1', 'a', 'e1'),
      trunkRef('y', 's1', 'b', 'e1'),
      trunkRef('z', 's2', 'b', 'e1'),
      peerRef('z', 's2', 'y', 's1'),
    ]);
    expect(places['edge-a.e1']).toEqual(['x>a.e1', 'y>a.e1']);
    expect(places['edge-a.e2']).toEqual(['x>a.e2']);
    expect(places['host-x']).toEqual(['x>a.e1', 'x>a.e2']);
    expect(places['host-y']).toEqual(['y>a.e1', 'y>b.e1', 'z>peer.y']);
    expect(Object.keys(places).filter((key) => /^(edge-b|host-z)/.test(key))).toEqual([]);
  });

  it('names a pair that is measured one way only by the path that exists', () => {
    expect(pathsByPlace([peerRef('b', 's2', 'a', 's1')])).toHaveProperty('path-b-peer.a', ['b>peer.a']);
  });

  it('tells the paths that each hypothesis holds back to front', () => {
    const space = buildHypotheses(fleetRefs({ sites: 2, providers: 2, hasMesh: true }));
    const first = space.ofPath[0]?.map((index) => placeKey(space.hypotheses[index]?.place ?? { kind: 'none' }));
    expect(first).toEqual(['site-s1', 'probe-s1-1', 'provider-telco-a', 'path-s1-1-a.e1']);
  });

  it('is built anew only when a path came, went or moved', () => {
    const refs = fleetRefs({ sites: 2, providers: 2, hasMesh: true });
    const space = buildHypotheses(refs);
    expect(isBuiltOver(space, structuredClone(refs))).toBe(true);
    expect(isBuiltOver(space, refs.slice(1))).toBe(false);
    const moved = refs.map((ref, index) => (index === 0 ? trunkRef('s1-1', 's9', 'a') : ref));
    expect(isBuiltOver(space, moved)).toBe(false);
  });
});

describe('ambiguityGroups', () => {
  it('the reverse mesh tells a site from its only probe', () => {
    expect(groupNames(fleetRefs({ sites: 2, providers: 2, hasMesh: true }))).toEqual([]);
  });

  it('without a mesh a site and its only probe are one group', () => {
    expect(groupNames(fleetRefs({ sites: 2, providers: 2, hasMesh: false }))).toEqual([
      'site-s1 = probe-s1-1',
      'site-s2 = probe-s2-1',
    ]);
  });

  it('with a single site each provider and its path are one group', () => {
    expect(groupNames(fleetRefs({ sites: 1, providers: 2, hasMesh: false }))).toContain(
      'provider-telco-a = path-s1-1-a.e1',
    );
  });

  it('paths without evidence are left out, so that groups grow while a probe is silent', () => {
    const refs = fleetRefs({ sites: 2, providers: 2, hasMesh: true });
    const silent = refs.filter(({ pbx }) => pbx === 's2-1').map(({ key }) => key);
    expect(groupNames(refs, silent)).toContain('provider-telco-a = path-s1-1-a.e1');
    expect(groupNames(refs, silent).some((name) => name.includes('probe-s2-1'))).toBe(false);
  });
});
