import { describe, expect, it } from 'vitest';
import { type SupposedNames, unknownNames } from '../../../server/routing/supposed-names.ts';
import { pbxInput, routeInput } from './judged.ts';

const INPUT = pbxInput('fra-1');
const { healths } = routeInput([INPUT], { a: 'healthy', b: 'healthy' });
const KNOWN = {
  sites: ['fra', 'ams'],
  providerOf: new Map(['a', 'b', 'c', 'd'].map((trunk) => [trunk, `telco-${trunk}`] as const)),
};

function faults(names: SupposedNames, input = INPUT) {
  return unknownNames(names, { input, healths }, KNOWN);
}

describe('names in a what-if', () => {
  it.each<[string, SupposedNames]>([
    ['nothing', {}],
    ['a trunk with known paths', { trunks: [{ trunk: 'a' }, { trunk: 'b' }] }],
    ['a verdict on a provider that this PBX does not use', { verdict: { of: { provider: 'telco-d' } } }],
    ['a verdict on a site', { verdict: { of: { site: 'ams' } } }],
    ['a pin for all classes', { pin: { trunk: 'c' } }],
    ['a pin for a class', { pin: { trunk: 'c', class: 'national' } }],
    ['a maintenance of a trunk', { maintenance: { of: { trunk: 'd' } } }],
    ['a maintenance of a provider', { maintenance: { of: { provider: 'telco-a' } } }],
  ])('%s may be supposed', (_name, names) => {
    expect(faults(names)).toEqual([]);
  });

  it.each<[SupposedNames, string]>([
    [{ trunks: [{ trunk: 'a' }, { trunk: 'aa' }] }, 'trunks[1].trunk: fra-1 has no path to a trunk aa'],
    [{ trunks: [{ trunk: 'd' }] }, 'trunks[0].trunk: fra-1 has no path to a trunk d'],
    [{ trunks: [{ trunk: 'c' }] }, 'trunks[0].trunk: nothing is known yet of the path fra-1>c.c1'],
    [{ verdict: { of: { provider: 'telko-a' } } }, 'verdict.of.provider: no provider telko-a is configured'],
    [{ verdict: { of: { site: 'fran' } } }, 'verdict.of.site: no site fran is configured'],
    [{ pin: { trunk: 'd' } }, 'pin.trunk: d is not in any route of fra-1'],
    [{ pin: { trunk: 'a', class: 'nation' } }, 'pin.class: fra-1 has no route of class nation'],
    [{ pin: { trunk: 'd', class: 'national' } }, 'pin.trunk: d is not in the route of class national'],
    [{ maintenance: { of: { trunk: 'aa' } } }, 'maintenance.of.trunk: no trunk aa is configured'],
    [{ maintenance: { of: { provider: 'telko' } } }, 'maintenance.of.provider: no provider telko is configured'],
  ])('%j is refused by name', (names, fault) => {
    expect(faults(names)).toEqual([fault]);
  });

  it('are told all at once, and a trunk without any path is one that nothing would follow of', () => {
    const bare = pbxInput('fra-1', { trunks: [{ trunk: 'a', provider: 'telco-a', pathKeys: [] }] });
    const names = { trunks: [{ trunk: 'a' }], pin: { trunk: 'x' } };
    expect(faults(names, bare)).toEqual([
      'trunks[0].trunk: fra-1 has no path to a trunk a',
      'pin.trunk: x is not in any route of fra-1',
    ]);
  });
});
