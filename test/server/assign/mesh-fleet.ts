import type { AssignPbx } from '../../../server/assign/asked-edge.ts';
import type { MeshSupply } from '../../../server/assign/mesh-election.ts';
import type { MeshIdleMeasurement, MeshMeasurement } from '../../../wire/rtp-measurement.ts';

/** PBXs `SITE-NUMBER` of these sizes; each knows all those of other sites. */
export function fleet(sizes: Readonly<Record<string, number>>): readonly AssignPbx[] {
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

/** The same with one PBX in another condition. */
export function without(pbxes: readonly AssignPbx[], name: string, condition: 'unheard' | 'sick' = 'unheard') {
  return pbxes.map((each) => (each.pbx === name ? { ...each, condition } : each));
}

/** Sessions `session-1`, `session-2`, …, all with the same key. */
export function supply(): MeshSupply {
  const count = { value: 0 };
  const newSession = (): string => {
    count.value += 1;
    return `session-${count.value}`;
  };
  return { newSession, newKey: () => 'k'.repeat(43) };
}

/** One report of 1,000 packets. */
export function report(session: string, lost: number): MeshMeasurement {
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

/** A stream that says why it does not measure. */
export function idle(session: string, because: MeshIdleMeasurement['because']): MeshIdleMeasurement {
  return { kind: 'rtp-mesh-idle', target: 'peer.x', session, observedAtMs: 0, because };
}
