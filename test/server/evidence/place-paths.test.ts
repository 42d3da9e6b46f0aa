import { describe, expect, it } from 'vitest';
import { type AnyPlace, isOfPlace } from '../../../server/evidence/place-paths.ts';

const TRUNK = {
  pathKey: 'fra-1>a.a1',
  pbx: 'fra-1',
  site: 'fra',
  target: 'a.a1',
  provider: 'telco-a',
  trunk: 'a',
  edge: 'a1',
};
const PEER = {
  pathKey: 'ams-1>peer.fra-1',
  pbx: 'ams-1',
  site: 'ams',
  target: 'peer.fra-1',
  peer: 'fra-1',
  peerSite: 'fra',
};

describe('paths of a place', () => {
  it.each<[AnyPlace, boolean, boolean]>([
    [{ kind: 'provider', provider: 'telco-a' }, true, false],
    [{ kind: 'provider', provider: 'telco-b' }, false, false],
    [{ kind: 'site', site: 'fra' }, true, true],
    [{ kind: 'site', site: 'lon' }, false, false],
    [{ kind: 'path', pbx: 'fra-1', target: 'a.a1' }, true, false],
    [{ kind: 'path', pbx: 'fra-1', target: 'peer.ams-1' }, false, true],
    [{ kind: 'line', sites: ['ams', 'fra'] }, false, true],
    [{ kind: 'probe', pbx: 'fra-1' }, true, false],
    [{ kind: 'edge', trunk: 'a', edge: 'a1' }, true, false],
    [{ kind: 'host', pbx: 'fra-1' }, true, true],
    [{ kind: 'host', pbx: 'lon-1' }, false, false],
    [{ kind: 'none' }, true, true],
  ])('of %j: the way to a trunk %s, that to a peer %s', (place, trunk, peer) => {
    expect([isOfPlace(place, TRUNK), isOfPlace(place, PEER)]).toEqual([trunk, peer]);
  });

  it('of a kind that is not known here are left to the counts of the verdict', () => {
    expect(isOfPlace({ kind: 'cable', cable: 'x' }, TRUNK)).toBe(undefined);
  });
});
