import { describe, expect, it } from 'vitest';
import { findFaults, findInWindow } from '../../../server/correlate/finding.ts';
import type { PathEvidence } from '../../../server/correlate/path-evidence.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { PathHealth, PathRef } from '../../../server/paths/path-health.ts';
import { fixedEvidence, fleetRefs, sightOf, suffers, trunkRef } from './loss-simulation.ts';

const LAB = fleetRefs({ sites: 2, providers: 2, hasMesh: true });
const WIDE = fleetRefs({ sites: 3, providers: 3, hasMesh: true });

/** Each path 60 probes clean, but for those named: losses, or a state. */
function fleet(
  refs: readonly PathRef[],
  lossy: Readonly<Record<string, number>>,
  health: Readonly<Record<string, Partial<PathHealth>>> = {},
): readonly PathEvidence[] {
  return refs.map((ref) => fixedEvidence(ref, { sent: 60, lost: lossy[ref.key] ?? 0 }, health[ref.key]));
}

const SITE_1 = { kind: 'site', site: 's1' } as const;
const SITE_2 = { kind: 'site', site: 's2' } as const;

function findAll(paths: readonly PathEvidence[]) {
  return findInWindow(sightOf(paths), 60_000);
}

function find(paths: readonly PathEvidence[]) {
  return findInWindow(sightOf(paths), 60_000)[0];
}

describe('findInWindow', () => {
  it('finds nothing where no path loses more than background', () => {
    expect(find(fleet(LAB, { 's1-1>a.e1': 1 }))).toBeUndefined();
  });

  it('names a provider that two sites see lossy, each with evidence of its own', () => {
    const finding = find(fleet(LAB, { 's1-1>a.e1': 12, 's2-1>a.e1': 13 }));
    expect(finding).toMatchObject({ certainty: 'named', place: { kind: 'provider', provider: 'telco-a' }, doubts: [] });
    expect(finding?.witnesses).toMatchObject({ sites: ['s1', 's2'], pbxes: ['s1-1', 's2-1'] });
  });

  it.each([
    ['three bursts of four in two minutes', 120, 12, 3, 'named'],
    ['two losses in a minute', 60, 2, 2, 'suspect'],
  ] as const)(
    'takes a site for a witness by what its losses are likelier under: %s',
    (_what, sent, lost, lossRuns, certainty) => {
      const counts = (key: string) => {
        if (!key.endsWith('>a.e1')) return { sent, lost: 0, lossRuns: 0 };
        return key.startsWith('s2') ? { sent, lost, lossRuns } : { sent, lost: sent / 6, lossRuns: sent / 12 };
      };
      const [found] = findInWindow(sightOf(LAB.map((ref) => fixedEvidence(ref, counts(ref.key)))), sent * 1000);
      expect(found).toMatchObject({ certainty, place: { kind: 'provider', provider: 'telco-a' } });
      const doubts = certainty === 'named' ? [] : [{ kind: 'one-site', sites: ['s1'] }];
      expect(found?.doubts).toEqual(doubts);
    },
  );

  it('names a site when its trunks and the mesh to it are lossy', () => {
    const finding = find(fleet(LAB, { 's1-1>a.e1': 12, 's1-1>b.e1': 11, 's1-1>peer.s2-1': 13, 's2-1>peer.s1-1': 14 }));
    expect(finding).toMatchObject({ certainty: 'named', place: { kind: 'site', site: 's1' } });
  });

  it('names the probe itself when what it measures is lossy while the mesh towards it is clean', () => {
    const finding = find(fleet(LAB, { 's1-1>a.e1': 12, 's1-1>b.e1': 11, 's1-1>peer.s2-1': 13 }));
    expect(finding).toMatchObject({ certainty: 'named', place: { kind: 'probe', pbx: 's1-1' } });
  });

  it('names one edge of a provider whose other edge is clean, seen from two sites', () => {
    const refs = ['s1', 's2', 's3'].flatMap((site) => [
      trunkRef(`${site}-1`, site, 'a', 'e1'),
      trunkRef(`${site}-1`, site, 'a', 'e2'),
      trunkRef(`${site}-1`, site, 'b', 'e1'),
    ]);
    const finding = find(fleet(refs, { 's1-1>a.e2': 12, 's2-1>a.e2': 11, 's3-1>a.e2': 13 }));
    const place = { kind: 'edge', provider: 'telco-a', trunk: 'a', edge: 'e2' };
    expect(finding).toMatchObject({ certainty: 'named', place });
  });

  it('names one host of a site whose other PBX is clean', () => {
    const refs = fleetRefs({ sites: 2, providers: 3, hasMesh: true, pbxesPerSite: 2 });
    const lossy = Object.fromEntries(refs.filter(({ key }) => key.includes('s1-2')).map(({ key }) => [key, 9]));
    expect(find(fleet(refs, lossy))).toMatchObject({ certainty: 'named', place: { kind: 'host', pbx: 's1-2' } });
  });

  it('names the line between two sites when only pairs over it lose', () => {
    const refs = fleetRefs({ sites: 3, providers: 2, hasMesh: true, pbxesPerSite: 2 });
    const isOver = ({ end, site }: PathRef) =>
      end.kind === 'peer' && [site, end.site].toSorted((one, other) => (one < other ? -1 : 1)).join() === 's1,s2';
    const lossy = Object.fromEntries(refs.filter(isOver).map(({ key }) => [key, 9]));
    expect(find(fleet(refs, lossy))).toMatchObject({
      certainty: 'named',
      place: { kind: 'line', sites: ['s1', 's2'] },
    });
  });

  it('names one path when only that one is lossy', () => {
    const finding = find(fleet(LAB, { 's1-1>a.e1': 14 }));
    expect(finding).toMatchObject({ certainty: 'named', place: { kind: 'path', pbx: 's1-1', target: 'a.e1' } });
  });

  it('names a provider on its paths being dead at two sites at once (black hole)', () => {
    const dead: Partial<PathHealth> = { state: 'hard-down', consecutiveMisses: 3, lastAnsweredAtMs: 998_000 };
    const paths = fleet(LAB, { 's1-1>a.e1': 3, 's2-1>a.e1': 3 }, { 's1-1>a.e1': dead, 's2-1>a.e1': dead });
    const quiet = paths.map((path) => ({ ...path, countsSince: () => ({ sent: 300, lost: 0, lossRuns: 0 }) }));
    expect(find(quiet)).toMatchObject({ certainty: 'named', place: { kind: 'provider', provider: 'telco-a' } });
  });

  it('says nothing yet of one path that is dead for three seconds: hard-down needs no verdict', () => {
    const dead: Partial<PathHealth> = { state: 'hard-down', consecutiveMisses: 3, lastAnsweredAtMs: 997_000 };
    expect(findFaults(sightOf(fleet(LAB, {}, { 's1-1>a.e1': dead })))).toEqual([]);
  });
});

describe('rule 3: one site never condemns a provider', () => {
  it('with a single site provider and path are an ambiguity group, and the probe that would split it is named', () => {
    const refs = fleetRefs({ sites: 1, providers: 3, hasMesh: false });
    const finding = find(fleet(refs, { 's1-1>a.e1': 14 }));
    expect(finding).toMatchObject({
      certainty: 'ambiguous',
      place: { kind: 'path', pbx: 's1-1', target: 'a.e1' },
      group: [
        { kind: 'path', pbx: 's1-1', target: 'a.e1' },
        { kind: 'provider', provider: 'telco-a' },
      ],
      wouldSplit: 'a probe of provider telco-a from a site other than s1',
    });
  });

  it('an edge that one site alone probes is one group with its path, and another site would tell', () => {
    const refs = [
      trunkRef('s1-1', 's1', 'a', 'e1'),
      trunkRef('s1-1', 's1', 'a', 'e2'),
      trunkRef('s2-1', 's2', 'a', 'e1'),
      trunkRef('s1-1', 's1', 'b'),
      trunkRef('s2-1', 's2', 'b'),
    ];
    expect(find(fleet(refs, { 's1-1>a.e2': 14 }))).toMatchObject({
      certainty: 'ambiguous',
      group: [
        { kind: 'path', pbx: 's1-1', target: 'a.e2' },
        { kind: 'edge', trunk: 'a', edge: 'e2' },
      ],
      wouldSplit: 'a probe of edge a.e2 from a site other than s1',
    });
  });

  it('two PBXs of one site are still one site: suspect', () => {
    const refs = [
      trunkRef('x', 's1', 'a'),
      trunkRef('y', 's1', 'a'),
      trunkRef('x', 's1', 'b'),
      trunkRef('y', 's1', 'b'),
    ];
    const finding = find(fleet(refs, { 'x>a.e1': 15, 'y>a.e1': 14 }));
    expect(finding).toMatchObject({
      certainty: 'suspect',
      place: { kind: 'provider', provider: 'telco-a' },
      doubts: [{ kind: 'one-site', sites: ['s1'] }],
      wouldSplit: 'a probe of provider telco-a from a site other than s1',
    });
    expect(finding?.posterior).toBeGreaterThan(0.95);
  });

  it('a second site with one unlucky loss is no second witness', () => {
    const refs = [...LAB, trunkRef('s1-2', 's1', 'a'), trunkRef('s1-3', 's1', 'a')];
    const lossy = { 's1-1>a.e1': 6, 's1-2>a.e1': 6, 's1-3>a.e1': 6, 's2-1>a.e1': 1 };
    const finding = find(fleet(refs, lossy));
    expect(finding?.place).toEqual({ kind: 'provider', provider: 'telco-a' });
    expect(finding?.certainty).toBe('suspect');
    expect(finding?.doubts).toContainEqual({ kind: 'one-site', sites: ['s1'] });
  });

  it.each<Partial<PathHealth>>([{ state: 'unknown' }, { isAbstaining: true }, { state: 'probe-blocked' }])(
    'a second site whose path is %o is no witness',
    (health) => {
      const finding = find(fleet(LAB, { 's1-1>a.e1': 14, 's2-1>a.e1': 60 }, { 's2-1>a.e1': health }));
      expect(finding).toMatchObject({ certainty: 'ambiguous', place: { kind: 'path', pbx: 's1-1', target: 'a.e1' } });
    },
  );
});

describe('rule 2: unknown is not bad, nor good', () => {
  it('a silent site accuses nobody, however much it had lost before', () => {
    const silent = Object.fromEntries(
      LAB.filter(({ pbx }) => pbx === 's1-1').map(({ key }) => [key, { state: 'unknown' } as const]),
    );
    const lost = Object.fromEntries(Object.keys(silent).map((key) => [key, 60]));
    expect(find(fleet(LAB, lost, silent))).toBeUndefined();
  });

  it('with its own probe silent, a lossy path to a site leaves path and site one group', () => {
    const silent = Object.fromEntries(
      LAB.filter(({ pbx }) => pbx === 's1-1').map(({ key }) => [key, { state: 'unknown' } as const]),
    );
    const finding = find(fleet(LAB, { 's2-1>peer.s1-1': 20 }, silent));
    expect(finding?.certainty).toBe('ambiguous');
    expect(finding?.group).toContainEqual({ kind: 'site', site: 's1' });
    expect(finding?.wouldSplit).toContain('s1-1 > ');
  });
});

describe('a second fault', () => {
  it('a provider and a path elsewhere are both named', () => {
    const findings = findAll(fleet(WIDE, { 's1-1>a.e1': 15, 's2-1>a.e1': 14, 's3-1>a.e1': 15, 's2-1>c.e1': 16 }));
    expect(findings.map(({ certainty, place }) => `${certainty} ${placeKey(place)}`).toSorted()).toEqual([
      'named path-s2-1-c.e1',
      'named provider-telco-a',
    ]);
  });

  it('two lossy paths to a provider that a third site finds clean are two paths, not the provider', () => {
    const findings = findAll(fleet(WIDE, { 's1-1>a.e1': 15, 's2-1>a.e1': 14 }));
    expect(findings.map(({ place }) => placeKey(place)).toSorted()).toEqual(['path-s1-1-a.e1', 'path-s2-1-a.e1']);
  });

  it('a path that two faults share may lose more than either: it is no third fault', () => {
    const lossy = Object.fromEntries(
      WIDE.map((ref) => [ref.key, 6 * [suffers(ref, SITE_1), suffers(ref, SITE_2)].filter(Boolean).length]),
    );
    const findings = findAll(fleet(WIDE, lossy));
    expect(findings.map(({ certainty, place }) => `${certainty} ${placeKey(place)}`).toSorted()).toEqual([
      'named site-s1',
      'named site-s2',
    ]);
  });

  it('rule 3: a path at a site that is at fault itself is no witness against a provider', () => {
    const lossy = Object.fromEntries(LAB.filter((ref) => suffers(ref, SITE_1)).map(({ key }) => [key, 12]));
    const provider = findAll(fleet(LAB, { ...lossy, 's1-1>a.e1': 24, 's2-1>a.e1': 12 })).find(
      ({ place }) => place.kind === 'provider',
    );
    expect(provider?.certainty ?? 'suspect').toBe('suspect');
  });
});

describe('an all-red picture', () => {
  it('accuses nobody: the monitor itself comes first', () => {
    const finding = find(fleet(LAB, Object.fromEntries(LAB.map(({ key }) => [key, 18]))));
    expect(finding).toMatchObject({ certainty: 'suspect', place: { kind: 'none' }, doubts: [{ kind: 'all-red' }] });
    expect(finding?.insideIndices).toHaveLength(LAB.length);
  });
});
