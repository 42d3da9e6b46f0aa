import { describe, expect, test } from 'vitest';
import type { AssignPbx } from '../../../server/assign/asked-edge.ts';
import { MeshDuties } from '../../../server/assign/mesh-duties.ts';
import { electMesh, type MeshElection, type MeshSupply } from '../../../server/assign/mesh-election.ts';
import type { MeshMeasurement } from '../../../wire/rtp-measurement.ts';

/** PBXs `SITE-NUMBER` of these sizes; each knows all those of other sites. */
function fleet(sizes: Readonly<Record<string, number>>): readonly AssignPbx[] {
  const names = Object.entries(sizes).flatMap(([site, size]) =>
    Array.from({ length: size }, (_, at) => ({ site, pbx: `${site}-${at + 1}` })),
  );
  return names.map(({ site, pbx }) => ({
    pbx,
    site,
    targets: [],
    condition: 'able',
    testCallTargets: [],
    meshPeers: names.filter((each) => each.site !== site).map((each) => each.pbx),
  }));
}

function without(pbxes: readonly AssignPbx[], name: string, condition: 'unheard' | 'sick' = 'unheard') {
  return pbxes.map((each) => (each.pbx === name ? { ...each, condition } : each));
}

function supply(): MeshSupply {
  const count = { value: 0 };
  const newSession = (): string => {
    count.value += 1;
    return `session-${count.value}`;
  };
  return { newSession, newKey: () => 'k'.repeat(43) };
}

function ends(election: MeshElection, sites: string): readonly string[] {
  return (election.get(sites) ?? []).map(({ sender, reflector }) => `${sender}>${reflector}`);
}

function report(session: string, lost: number): MeshMeasurement {
  return {
    kind: 'rtp-mesh',
    target: 'peer.x',
    session,
    direction: 'forward',
    sequence: 0,
    startedAtMs: 0,
    intervalMs: 10_000,
    packetMs: 20,
    payloadBytes: 160,
    figures: {
      expected: 1000,
      received: 1000 - lost,
      lost,
      duplicates: 0,
      reordered: 0,
      lossRuns: [lost, 0, 0, 0, 0, 0, 0, 0],
      jitterMs: 1,
    },
  };
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

describe('the duties of the mesh', () => {
  test('go to both ends with one session and key, and stay the same lists while nothing changes', () => {
    const pbxes = fleet({ ams: 1, fra: 1 });
    const mesh = new MeshDuties(supply());
    const duties = mesh.duties(pbxes, 0);
    const [ams] = duties.get('ams-1') ?? [];
    const [fra] = duties.get('fra-1') ?? [];
    expect(new Set([ams?.role, fra?.role])).toEqual(new Set(['reflector', 'sender']));
    expect(ams).toMatchObject({ session: fra?.session, key: fra?.key, peer: 'fra-1', packetMs: 20, payloadBytes: 160 });
    expect(mesh.duties(pbxes, 1000).get('ams-1')).toBe(duties.get('ams-1'));
  });

  test('give up a pair that loses while the pair beside it does not, and keep both where both lose', () => {
    const pbxes = fleet({ ams: 3, fra: 3 });
    const sessions = (mesh: MeshDuties, atMs: number) =>
      [...mesh.duties(pbxes, atMs).values()]
        .flat()
        .map(({ session }) => session)
        .toSorted();
    const [one, other] = ['session-1', 'session-2'];
    const own = new MeshDuties(supply());
    expect(new Set(sessions(own, 0))).toEqual(new Set([one, other]));
    own.measured([report('session-1', 50), report('session-2', 1)], 1000);
    expect(new Set(sessions(own, 2000))).toEqual(new Set([other, 'session-3']));
    const line = new MeshDuties(supply());
    sessions(line, 0);
    line.measured([report('session-1', 50), report('session-2', 50)], 1000);
    expect(new Set(sessions(line, 2000))).toEqual(new Set([one, other]));
  });

  test('keep the pair that loses where there is no other', () => {
    const pbxes = fleet({ ams: 2, fra: 2 });
    const mesh = new MeshDuties(supply());
    mesh.duties(pbxes, 0);
    mesh.measured([report('session-1', 50), report('session-2', 1)], 1000);
    expect([...mesh.duties(pbxes, 2000).values()].flat()).toHaveLength(4);
  });
});
