import { describe, expect, test } from 'vitest';
import type { AssignPbx } from '../../../server/assign/asked-edge.ts';
import { electPeers, MAX_PEER_PATHS } from '../../../server/assign/peer-election.ts';

/** So many PBXs on two sites, each with every other as its peer. */
function mesh(pbxCount: number, condition: (pbx: string) => AssignPbx['condition'] = () => 'able') {
  const names = Array.from({ length: pbxCount }, (_, at) => `pbx-${at}`);
  const siteOf = new Map(names.map((pbx, at) => [pbx, `site-${at % 2}`]));
  const pbxes = names.map((pbx): AssignPbx => {
    const targets = names.flatMap((peer) => {
      return peer === pbx ? [] : [{ target: `peer.${peer}`, kind: 'peer', peer } as const];
    });
    return { pbx, site: siteOf.get(pbx) ?? '', condition: condition(pbx), testCallTargets: [], meshPeers: [], targets };
  });
  return { pbxes, siteOf };
}

describe('peers', () => {
  test('of a small mesh are all asked, at the pace of the probes themselves', () => {
    const { pbxes, siteOf } = mesh(8);
    expect(electPeers(new Map(), pbxes, siteOf)).toEqual({ election: new Map(), duties: [] });
  });

  test('of a large mesh are asked on so many paths between two sites, and no more', () => {
    const { pbxes, siteOf } = mesh(60);
    const { election, duties } = electPeers(new Map(), pbxes, siteOf);
    expect([...election.values()].map((paths) => paths.length)).toEqual([16, 16, 16, 16]);
    expect(duties).toHaveLength(60 * 59 - 4 * MAX_PEER_PATHS);
    expect(duties.every(({ duty }) => duty.role === 'inherit' && duty.from.length === 0)).toBe(true);
    const between = election.get('site-0>site-1') ?? [];
    expect(new Set(between.map((path) => path.split('>')[0])).size).toBe(16);
    expect(new Set(between.map((path) => path.split('>')[1])).size).toBe(16);
  });

  test('chosen before stay; those of a PBX that is not heard give way', () => {
    const whole = mesh(60);
    const before = electPeers(new Map(), whole.pbxes, whole.siteOf).election;
    expect(electPeers(before, whole.pbxes, whole.siteOf).election).toEqual(before);
    const [first = ''] = before.get('site-0>site-1') ?? [];
    const gone = first.split('>')[0];
    const part = mesh(60, (pbx) => (pbx === gone ? 'unheard' : 'able'));
    const after = electPeers(before, part.pbxes, part.siteOf).election.get('site-0>site-1') ?? [];
    expect(after).toHaveLength(16);
    expect(after.some((path) => path.startsWith(`${gone}>`))).toBe(false);
    expect(after.filter((path) => before.get('site-0>site-1')?.includes(path)).length).toBeGreaterThanOrEqual(15);
  });
});
