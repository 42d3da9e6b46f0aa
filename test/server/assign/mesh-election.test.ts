import { describe, expect, test } from 'vitest';
import { electMesh, type MeshElection } from '../../../server/assign/mesh-election.ts';
import { fleet, supply, without } from './mesh-fleet.ts';

function ends(election: MeshElection, sites: string): readonly string[] {
  return (election.get(sites) ?? []).map(({ sender, reflector }) => `${sender}>${reflector}`);
}

describe('the election of the mesh', () => {
  test('takes two pairs without a PBX in common between two sites, one sent from each side', () => {
    const streams = electMesh(new Map(), fleet({ ams: 3, fra: 3 }), supply()).get('ams|fra') ?? [];
    const names = streams.flatMap(({ sender, reflector }) => [sender, reflector]);
    expect(new Set(names).size).toBe(4);
    expect(streams.map(({ sender }) => sender.slice(0, 3)).toSorted()).toEqual(['ams', 'fra']);
  });

  test('takes one pair where a site has one PBX, and none where no other site is', () => {
    expect(ends(electMesh(new Map(), fleet({ ams: 1, fra: 3 }), supply()), 'ams|fra')).toHaveLength(1);
    expect(electMesh(new Map(), fleet({ ams: 4 }), supply()).size).toBe(0);
  });

  test('asks both ends to name each other', () => {
    const [ams, fra] = fleet({ ams: 1, fra: 1 });
    if (!ams || !fra) throw new Error('no fleet');
    expect(electMesh(new Map(), [ams, { ...fra, meshPeers: [] }], supply()).size).toBe(0);
  });

  test('keeps pairs, sessions and keys while their probes are there', () => {
    const pbxes = fleet({ ams: 4, fra: 4, par: 4 });
    const first = electMesh(new Map(), pbxes, supply());
    expect(electMesh(first, pbxes, supply())).toEqual(first);
    const bystander = pbxes.find(
      ({ pbx }) => ![...first.values()].flat().some((each) => each.sender === pbx || each.reflector === pbx),
    );
    if (bystander) expect(electMesh(first, without(pbxes, bystander.pbx), supply())).toEqual(first);
  });

  test.each(['unheard', 'sick'] as const)(
    'replaces the pair of an %s probe alone, with a session of its own',
    (condition) => {
      const pbxes = fleet({ ams: 3, fra: 3 });
      const first = electMesh(new Map(), pbxes, supply());
      const [gone, stays] = first.get('ams|fra') ?? [];
      if (!gone || !stays) throw new Error('no pairs');
      const second = electMesh(first, without(pbxes, gone.sender, condition), {
        newSession: () => 'session-new',
        newKey: () => 'n'.repeat(43),
      });
      const streams = second.get('ams|fra') ?? [];
      expect(streams).toContainEqual(stays);
      expect(streams.find(({ session }) => session === 'session-new')).toMatchObject({ key: 'n'.repeat(43) });
      expect(streams.flatMap(({ sender, reflector }) => [sender, reflector])).not.toContain(gone.sender);
    },
  );

  test('spreads the streams of a site over its PBXs', () => {
    const sizes = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`site${at}`, 4]));
    const election = electMesh(new Map(), fleet(sizes), supply());
    const load = new Map<string, number>();
    for (const { sender, reflector } of [...election.values()].flat()) {
      for (const pbx of [sender, reflector]) load.set(pbx, (load.get(pbx) ?? 0) + 1);
    }
    // 8 other sites, 2 streams each, over 4 PBXs: 4 on each if spread evenly.
    expect(Math.max(...load.values())).toBeLessThanOrEqual(5);
    expect(load.size).toBe(36);
  });
});
