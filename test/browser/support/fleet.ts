import type {
  LiveHub,
  LiveJournalEntry,
  LivePath,
  LivePbx,
  LiveRoute,
  LiveSnapshot,
  LiveVerdict,
} from '../../../wire/live.ts';

/** Hub time of every fixture; fixed, so that pictures and texts are the same in every run. */
export const FLEET_EPOCH_MS = Date.UTC(2026, 2, 14, 2, 47, 10);

/** Parts of a fixture that a case wants otherwise. */
export type SnapshotParts = Partial<Omit<LiveSnapshot, 'type'>>;

/** The hub as it shows itself, enforcing. */
export function hub(parts: Partial<LiveHub> = {}): LiveHub {
  return {
    hubInstanceId: '5f0c1f6e-8a34-4be2-9d0e-6f3f8b7a2c11',
    softwareVersion: '0.1.0',
    startedAtEpochMs: FLEET_EPOCH_MS - 86_400_000,
    isStopped: false,
    fleetRoutingMode: 'enforce',
    isJournalWritable: true,
    role: 'viewer',
    ...parts,
  };
}

/** A PBX with a probe in good order. */
export function pbx(name: string, parts: Partial<LivePbx> = {}): LivePbx {
  return {
    pbx: name,
    site: name.split('-')[0] ?? name,
    probe: 'connected',
    sinceEpochMs: FLEET_EPOCH_MS - 7_500_000,
    asteriskVersion: '22.4.1',
    softwareVersion: '0.1.0',
    isSick: false,
    eventLoopDelayP99Ms: 1.8,
    selfProbeRttMs: 0.31,
    selfProbeSent: 10,
    selfProbeLost: 0,
    instrumentWindowMs: 10_000,
    clockOffsetMs: -3.2,
    droppedMeasurements: 0,
    ...parts,
  };
}

/** A healthy path of a PBX to `TRUNK.EDGE` of a provider or, without a provider, to `peer.PBX`. */
export function path(pbxName: string, target: string, provider?: string, parts: Partial<LivePath> = {}): LivePath {
  const [first = '', second = ''] = target.split('.');
  const end = provider === undefined ? { peer: second } : { provider, trunk: first, edge: second };
  return {
    key: `${pbxName}>${target}`,
    pbx: pbxName,
    site: pbxName.split('-')[0] ?? pbxName,
    target,
    ...end,
    state: 'healthy',
    sinceEpochMs: FLEET_EPOCH_MS - 5_400_000,
    reason: '0 of 60 lost in the last minute',
    sent: 60,
    lost: 0,
    lossLowRatio: 0,
    lossHighRatio: 0.06,
    windowMs: 60_000,
    rttP50Ms: 12.4,
    rttP95Ms: 14.9,
    rttN: 60,
    icmpSent: 60,
    icmpLost: 0,
    icmpLowRatio: 0,
    icmpHighRatio: 0.06,
    lastSampleAtEpochMs: FLEET_EPOCH_MS - 400,
    ...parts,
  };
}

/** What makes a path hard-down: nothing of `sent` answered. */
export function down(sent = 60): Partial<LivePath> {
  return {
    state: 'hard-down',
    sinceEpochMs: FLEET_EPOCH_MS - 194_000,
    reason: `no answer to the last ${sent} OPTIONS while other targets of this PBX answered`,
    sent,
    lost: sent,
    lossLowRatio: 0.94,
    lossHighRatio: 1,
    rttN: 0,
    icmpLost: 60,
    icmpLowRatio: 0.94,
    icmpHighRatio: 1,
  };
}

/** A route on its configured order, applied and read back. */
export function route(
  pbxName: string,
  className: string,
  trunks: readonly string[],
  parts: Partial<LiveRoute> = {},
): LiveRoute {
  return {
    pbx: pbxName,
    class: className,
    mode: 'enforce',
    planned: trunks.map((trunk, index) => ({ trunk, weight: index === 0 ? 100 : 0 })),
    configured: trunks,
    readBack: `2:7.41:${trunks.map((trunk, index) => `${trunk}/${index === 0 ? 100 : 0}`).join(',')}`,
    isApplied: true,
    fence: 7,
    version: 41,
    reason: 'configured order: every trunk is fit',
    trunks: trunks.map((trunk) => ({ trunk, tier: 'fit', reason: 'healthy from this PBX' })),
    changedAtEpochMs: FLEET_EPOCH_MS - 3_600_000,
    ...parts,
  };
}

/** The hub's verdict that provider telco-a is at fault. */
export function verdict(parts: Partial<LiveVerdict> = {}): LiveVerdict {
  return {
    verdictId: 'v-2026-03-14-0007',
    symptom: 'loss',
    certainty: 'named',
    place: 'provider telco-a',
    group: ['provider telco-a'],
    posterior: 0.9934,
    runnerUp: { place: 'site fra', posterior: 0.0041 },
    direction: 'unknown',
    witnesses: ['ams-1', 'fra-1', 'fra-2', 'lon-1'],
    sentence: 'Provider telco-a loses 98 % of 480 probes from 4 PBXs at 3 sites; all other paths lose 0.2 % of 1,620.',
    openedAtEpochMs: FLEET_EPOCH_MS - 191_000,
    updatedAtEpochMs: FLEET_EPOCH_MS - 1000,
    windowMs: 60_000,
    evidence: [
      { pathKey: 'fra-1>a.a1', sent: 60, lost: 60, lowRatio: 0.94, highRatio: 1 },
      { pathKey: 'ams-1>a.a1', sent: 60, lost: 60, lowRatio: 0.94, highRatio: 1 },
      { pathKey: 'fra-1>b.b1', sent: 60, lost: 0, lowRatio: 0, highRatio: 0.06 },
    ],
    ...parts,
  };
}

/** One journal line, `secondsAgo` before the fixture's time. */
export function entry(id: number, secondsAgo: number, kind: string, actor: string, sentence: string): LiveJournalEntry {
  return { id, atEpochMs: FLEET_EPOCH_MS - secondsAgo * 1000, kind, actor, sentence };
}

/** A whole snapshot from its parts. */
export function snapshot(parts: SnapshotParts = {}): LiveSnapshot {
  return {
    type: 'snapshot',
    sequence: 1000,
    atEpochMs: FLEET_EPOCH_MS,
    hub: hub(),
    pbxes: [],
    paths: [],
    verdicts: [],
    routes: [],
    journal: [],
    ...parts,
  };
}

/** `rows` PBXs that each look at `columns` trunk edges of ten providers: the large matrix. */
export function largeFleet(rows: number, columns: number): LiveSnapshot {
  const names = Array.from({ length: rows }, (_, index) => `s${Math.floor(index / 10)}-${index}`);
  const targets = Array.from({ length: columns }, (_, index) => ({
    target: `t${index}.e1`,
    provider: `provider-${Math.floor(index / 10)}`,
  }));
  return snapshot({
    pbxes: names.map((name) => pbx(name)),
    paths: names.flatMap((name) => targets.map(({ target, provider }) => path(name, target, provider))),
  });
}
