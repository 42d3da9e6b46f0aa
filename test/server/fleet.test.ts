import { describe, expect, it } from 'vitest';
import { buildFleet, declaredPaths } from '../../server/fleet.ts';
import type { TargetDescription } from '../../wire/probe-frames.ts';
import { hubConfig } from './hub-fixture.ts';

const fleet = buildFleet(
  hubConfig('/none', {
    providers: [
      {
        provider: 'telco-a',
        trunks: [
          { trunk: 'a', edges: ['a1', 'a2'] },
          { trunk: 'constructor', edges: ['c1'] },
        ],
      },
      { provider: 'telco-b', trunks: [{ trunk: 'b', edges: ['b1'] }] },
    ],
  }),
);
const trunk = (name: string, edge: string): TargetDescription => ({
  target: `${name}.${edge}`,
  kind: 'trunk',
  trunk: name,
  edge,
});

describe('the fleet as configured', () => {
  it('finds site, probe, provider and edges by name, and nothing that is not named', () => {
    expect(fleet.siteOf.get('ams-1')).toBe('ams');
    expect(fleet.probeOf.get('fra-1')).toBe('probe-1');
    expect(fleet.providerOf.get('b')).toBe('telco-b');
    expect(fleet.edgesOf.get('a')).toEqual(['a1', 'a2']);
    expect(fleet.providerOf.get('constructor')).toBe('telco-a');
    expect(fleet.providerOf.get('toString')).toBeUndefined();
    expect(fleet.siteOf.get('__proto__')).toBeUndefined();
  });
});

describe('the paths that a probe declares', () => {
  it('are those to edges and peers of the configuration, with the provider of the hub', () => {
    const { refs, unknown } = declaredPaths(fleet, 'fra-1', [
      trunk('a', 'a2'),
      { target: 'peer.ams-1', kind: 'peer', peer: 'ams-1' },
    ]);
    expect(unknown).toEqual([]);
    expect(refs).toEqual([
      {
        key: 'fra-1>a.a2',
        pbx: 'fra-1',
        site: 'fra',
        target: 'a.a2',
        end: { kind: 'trunk', provider: 'telco-a', trunk: 'a', edge: 'a2' },
      },
      {
        key: 'fra-1>peer.ams-1',
        pbx: 'fra-1',
        site: 'fra',
        target: 'peer.ams-1',
        end: { kind: 'peer', pbx: 'ams-1', site: 'ams' },
      },
    ]);
  });

  it('keep the address of an edge by name and the further source apart', () => {
    const { refs } = declaredPaths(fleet, 'fra-1', [
      { kind: 'trunk', trunk: 'a', edge: 'a1', host: 'east', source: 'lte', target: 'a.a1.at-east.from-lte' },
    ]);
    expect(refs.map(({ key, end }) => ({ key, end }))).toEqual([
      {
        key: 'fra-1>a.a1.at-east.from-lte',
        end: { kind: 'trunk', provider: 'telco-a', trunk: 'a', edge: 'a1', host: 'east', source: 'lte' },
      },
    ]);
  });

  it('do not include what the hub does not know, which is told instead', () => {
    const { refs, unknown } = declaredPaths(fleet, 'fra-1', [
      trunk('z', 'z1'),
      trunk('a', 'a9'),
      { target: 'peer.lon-1', kind: 'peer', peer: 'lon-1' },
      trunk('b', 'b1'),
    ]);
    expect(refs.map(({ key }) => key)).toEqual(['fra-1>b.b1']);
    expect(unknown).toEqual(['z.z1', 'a.a9', 'peer.lon-1']);
  });
});
