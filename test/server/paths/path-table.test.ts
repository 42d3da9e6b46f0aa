import { describe, expect, it } from 'vitest';
import { isJudgeable } from '../../../server/correlate/path-evidence.ts';
import type { PathHealth } from '../../../server/paths/path-health.ts';
import { readPathSnapshot } from '../../../server/paths/path-snapshot.ts';
import { PathTable } from '../../../server/paths/path-table.ts';
import { isSeenLossy } from '../../../server/routing/edge-evidence.ts';
import { finish } from '../../../server/steps.ts';
import type { Measurement } from '../../../wire/measurement.ts';
import { answered, attempted, echoed, instrument, missed, trunkPath } from './measured.ts';

/** The probe's monotonic clock began so long before this hub time. */
const EPOCH = 1_700_000_000_000;
const PATHS = [
  trunkPath('fra-1', 'telco-a', 'a.a1'),
  trunkPath('fra-1', 'telco-a', 'a.a2'),
  trunkPath('fra-1', 'telco-b', 'b.b1'),
];

function table(): PathTable {
  const paths = new PathTable();
  paths.setPaths('fra-1', PATHS, EPOCH);
  return paths;
}

/** One batch sent at `sentAtMs` of the probe's clock; it reaches the hub 30 ms later. */
function send(paths: PathTable, sentAtMs: number, measurements: readonly Measurement[], instanceId = 'instance-1') {
  const nowMs = EPOCH + sentAtMs + 30;
  return paths.addBatch({ pbx: 'fra-1', instanceId, measurements, batchSentAtMs: sentAtMs, nowMs });
}

/** A second of liveness for all three targets; those named do not answer. */
function second(paths: PathTable, at: number, silent: readonly string[] = [], instanceId?: string): void {
  const measurements = PATHS.map(({ target }) =>
    silent.includes(target) ? missed(target, at * 1000) : answered(target, at * 1000),
  );
  send(paths, at * 1000 + 600, measurements, instanceId);
}

function seconds(
  paths: PathTable,
  from: number,
  to: number,
  silent: readonly string[] = [],
  instanceId?: string,
): void {
  for (let at = from; at < to; at += 1) second(paths, at, silent, instanceId);
}

function health(paths: PathTable, target: string, atMs: number): PathHealth {
  const found = paths.healthsOf('fra-1', EPOCH + atMs).find(({ ref }) => ref.target === target);
  if (!found) throw new Error(`no path to ${target}`);
  return found;
}

/** Counts of the last minute of every path whose loss may be judged. */
function evidence(paths: PathTable, nowMs: number) {
  return paths
    .sight(nowMs)
    .filter(({ health: own }) => isJudgeable(own))
    .map(({ health: { ref }, countsSince }) => ({ key: ref.key, ...countsSince(nowMs - 60_000) }));
}

/** Targets of the paths that a refresh reads, in one go. */
function refreshed(paths: PathTable, atMs: number): readonly string[] {
  const steps = paths.refresh(EPOCH + atMs);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value.map(({ after }) => after.ref.target).toSorted();
  }
}

describe('path table', () => {
  it('maps the probe clock to hub time by the age of a measurement when it was sent', () => {
    const paths = table();
    send(paths, 10_000, [answered('a.a1', 7000)]);
    expect(health(paths, 'a.a1', 10_100)).toMatchObject({
      lastSampleAtMs: EPOCH + 7030,
      lastAnsweredAtMs: EPOCH + 7030,
    });
  });

  it('shows figures with n, window and interval (safety rule 1)', () => {
    const paths = table();
    seconds(paths, 0, 60);
    const { options, rtt, state, icmp } = health(paths, 'a.a1', 59_900);
    expect(state).toBe('healthy');
    expect(options).toMatchObject({ sent: 60, lost: 0, windowMs: 60_000 });
    expect(options.highRatio).toBeCloseTo(0.06, 2);
    expect(rtt).toEqual({ n: 60, p50Ms: 20, p95Ms: 20, p99Ms: 20, windowMs: 60_000 });
    expect(icmp).toBeUndefined();
  });

  it('needs as many misses as the upper estimate of the loss before asks for: 7 after 60 clean samples', () => {
    const paths = table();
    seconds(paths, 0, 60);
    seconds(paths, 60, 63, ['a.a1']);
    expect(health(paths, 'a.a1', 62_900).state).toBe('healthy');
    seconds(paths, 63, 66, ['a.a1']);
    expect(health(paths, 'a.a1', 65_900)).toMatchObject({ state: 'degraded', consecutiveMisses: 6, missesNeeded: 7 });
    second(paths, 66, ['a.a1']);
    expect(health(paths, 'a.a1', 66_900)).toMatchObject({ state: 'hard-down', consecutiveMisses: 7, missesNeeded: 7 });
    expect(health(paths, 'a.a2', 66_900).state).toBe('healthy');
  });

  it.each([
    [20, 9],
    [60, 7],
    [180, 5],
    [520, 4],
  ])('after %i clean samples a run needs %i misses', (clean, needed) => {
    const paths = table();
    seconds(paths, 0, clean);
    second(paths, clean, ['a.a1']);
    expect(health(paths, 'a.a1', clean * 1000 + 900).missesNeeded).toBe(needed);
  });

  it('holds nothing of an outage against the path once it answers, though the last misses of it come after the answer', () => {
    const paths = table();
    seconds(paths, 0, 180);
    seconds(paths, 180, 188, ['a.a1']);
    send(paths, 190_100, [answered('a.a1', 190_050), answered('b.b1', 190_050)]);
    send(paths, 190_600, [
      missed('a.a1', 188_000),
      missed('a.a1', 189_000),
      missed('a.a1', 189_500),
      missed('a.a1', 190_000),
    ]);
    seconds(paths, 191, 221);
    const own = health(paths, 'a.a1', 220_900);
    expect(own).toMatchObject({ state: 'healthy', samplesInState: 30, lostInState: 0, options: { lost: 12 } });
    expect(isSeenLossy(own)).toBe(false);
    second(paths, 221, ['a.a1']);
    second(paths, 222);
    expect(isSeenLossy(health(paths, 'a.a1', 222_900))).toBe(true);
  });

  it('leaves an outage out of the loss that the next one is judged by, so that it is seen as quickly', () => {
    const paths = table();
    seconds(paths, 0, 180);
    seconds(paths, 180, 200, ['a.a1']);
    expect(health(paths, 'a.a1', 199_900)).toMatchObject({ state: 'hard-down', missesNeeded: 5 });
    seconds(paths, 200, 210);
    second(paths, 210, ['a.a1']);
    expect(health(paths, 'a.a1', 210_900)).toMatchObject({ consecutiveMisses: 1, missesNeeded: 5 });
  });

  it('counts a run too short for an outage as loss: the next one needs more misses', () => {
    const paths = table();
    seconds(paths, 0, 180);
    seconds(paths, 180, 183, ['a.a1']);
    seconds(paths, 183, 190);
    second(paths, 190, ['a.a1']);
    expect(health(paths, 'a.a1', 190_900)).toMatchObject({ consecutiveMisses: 1, missesNeeded: 7 });
  });

  it('is hard-down as soon as another target answers inside the misses, without a further miss', () => {
    const paths = table();
    seconds(paths, 0, 60);
    seconds(paths, 60, 67, ['a.a1', 'a.a2', 'b.b1']);
    expect(health(paths, 'a.a1', 66_900).state).toBe('degraded');
    const { changedKeys } = send(paths, 67_100, [answered('b.b1', 67_000)]);
    expect(new Set(changedKeys)).toEqual(new Set(['fra-1>a.a1', 'fra-1>a.a2', 'fra-1>b.b1']));
    expect(health(paths, 'a.a1', 67_200).state).toBe('hard-down');
    expect(health(paths, 'b.b1', 67_200).state).toBe('healthy');
  });

  it('takes an ICMP answer of another target, never of the same, as the sign that the uplink works', () => {
    const paths = table();
    seconds(paths, 0, 60);
    seconds(paths, 60, 67, ['a.a1', 'a.a2', 'b.b1']);
    send(paths, 67_100, [echoed('a.a1', 67_000, true)]);
    expect(health(paths, 'a.a1', 67_200).state).toBe('degraded');
    expect(health(paths, 'b.b1', 67_200).state).toBe('hard-down');
  });

  it('is probe-blocked, not hard-down, when an INVITE was answered by the trunk since the first miss', () => {
    const paths = table();
    seconds(paths, 0, 60);
    seconds(paths, 60, 64, ['a.a1', 'a.a2']);
    send(paths, 64_000, [{ kind: 'invite', trunk: 'a', observedAtMs: 63_900, outcome: 'answered', statusCode: 183 }]);
    seconds(paths, 64, 80, ['a.a1', 'a.a2']);
    expect(health(paths, 'a.a1', 79_900).state).toBe('probe-blocked');
    expect(health(paths, 'a.a2', 79_900).state).toBe('probe-blocked');
  });

  it('gives an INVITE that names its edge to that edge alone', () => {
    const paths = table();
    seconds(paths, 0, 60);
    seconds(paths, 60, 64, ['a.a1', 'a.a2']);
    send(paths, 64_000, [{ kind: 'invite', trunk: 'a', edge: 'a2', observedAtMs: 63_900, outcome: 'answered' }]);
    seconds(paths, 64, 80, ['a.a1', 'a.a2']);
    expect(health(paths, 'a.a1', 79_900).state).toBe('hard-down');
    expect(health(paths, 'a.a2', 79_900).state).toBe('probe-blocked');
  });

  it('counts measurements of targets that nobody declared and passes them over', () => {
    const invite: Measurement = { kind: 'invite', trunk: 'zz', observedAtMs: 5, outcome: 'answered' };
    expect(send(table(), 1000, [answered('zz.z1', 900), invite, answered('a.a1', 900)]).unknownTargets).toBe(2);
  });

  it('Unknown is not bad, nor good (safety rule 2): a silent probe makes its paths unknown, and its word restores them', () => {
    const paths = table();
    seconds(paths, 0, 60);
    seconds(paths, 60, 70, ['a.a1']);
    expect(paths.advance(EPOCH + 69_630 + 9999)).toEqual([]);
    expect(paths.advance(EPOCH + 69_630 + 1000 + 10_000)).toHaveLength(3);
    expect(paths.healths(EPOCH + 80_700).map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(evidence(paths, EPOCH + 80_700)).toEqual([]);
    second(paths, 81, ['a.a1']);
    expect(health(paths, 'a.a1', 81_900).state).toBe('hard-down');
    expect(health(paths, 'b.b1', 81_900)).toMatchObject({ state: 'healthy', samplesInState: 0 });
  });

  it('judges nothing while a probe works off an old queue, and then by the newest', () => {
    const paths = table();
    seconds(paths, 0, 60);
    const old = Array.from({ length: 20 }, (_, at) => missed('a.a1', 60_000 + at * 1000));
    send(paths, 120_000, [...old, answered('b.b1', 79_000)]);
    expect(health(paths, 'a.a1', 120_100)).toMatchObject({ state: 'unknown' });
    send(paths, 120_100, [answered('a.a1', 119_900), answered('b.b1', 119_900)]);
    expect(health(paths, 'a.a1', 120_200).state).toBe('healthy');
  });

  it('Honest figures (safety rule 1): a sick probe abstains, and its misses are no evidence', () => {
    const paths = table();
    seconds(paths, 0, 60);
    const before = evidence(paths, EPOCH + 59_900).length;
    paths.setInstrument('fra-1', instrument({ eventLoopDelayP99Ms: 400 }), EPOCH + 60_000);
    expect(health(paths, 'a.a1', 60_000)).toMatchObject({ state: 'unknown', isAbstaining: true });
    seconds(paths, 60, 69, ['a.a1']);
    expect(evidence(paths, EPOCH + 69_900)).toEqual([]);
    second(paths, 70);
    expect(health(paths, 'a.a1', 70_900)).toMatchObject({
      state: 'healthy',
      isAbstaining: false,
      consecutiveMisses: 0,
    });
    expect(health(paths, 'a.a1', 70_900).options.lost).toBe(0);
    expect(before).toBe(3);
  });

  it('applies the reading in a batch to the measurements of that batch', () => {
    const paths = table();
    seconds(paths, 0, 60);
    const measurements = [missed('a.a1', 60_000), answered('b.b1', 60_000)];
    const batch = {
      pbx: 'fra-1',
      instanceId: 'instance-1',
      measurements,
      batchSentAtMs: 60_600,
      nowMs: EPOCH + 60_630,
    };
    expect(paths.addBatch({ ...batch, instrument: instrument({ selfProbeLost: 1 }) }).abstained).toBe(1);
    expect(health(paths, 'a.a1', 60_700)).toMatchObject({ isAbstaining: true, consecutiveMisses: 0 });
  });

  it('Reload and restart (safety rule 9): another instance of the probe needs fresh evidence and keeps the memory', () => {
    const paths = table();
    seconds(paths, 0, 60);
    seconds(paths, 60, 70, ['a.a1']);
    const changed = paths.connect('fra-1', 'instance-2', EPOCH + 70_000);
    expect(changed).toHaveLength(3);
    expect(health(paths, 'a.a1', 70_100)).toMatchObject({ state: 'unknown', consecutiveMisses: 0 });
    send(paths, 1000, [answered('b.b1', 900), missed('a.a1', 400)], 'instance-2');
    expect(health(paths, 'b.b1', 70_200).state).toBe('healthy');
    expect(health(paths, 'a.a1', 70_200)).toMatchObject({ state: 'unknown', consecutiveMisses: 1 });
    for (let at = 1; at < 9; at += 1) {
      const measurements = [missed('a.a1', at * 1000), answered('b.b1', at * 1000)];
      paths.addBatch({
        pbx: 'fra-1',
        instanceId: 'instance-2',
        measurements,
        batchSentAtMs: at * 1000 + 600,
        nowMs: EPOCH + 70_200 + at * 1000,
      });
    }
    expect(health(paths, 'a.a1', 79_000)).toMatchObject({ state: 'hard-down', consecutiveMisses: 9 });
  });

  it('takes no answer on the clock of an earlier instance for a sign that the uplink works', () => {
    const paths = table();
    seconds(paths, 0, 60);
    paths.connect('fra-1', 'instance-2', EPOCH + 60_000);
    for (let at = 0; at < 12; at += 1) {
      const measurements = PATHS.map(({ target }) => missed(target, at * 1000));
      const batchSentAtMs = at * 1000 + 600;
      paths.addBatch({
        pbx: 'fra-1',
        instanceId: 'instance-2',
        measurements,
        batchSentAtMs,
        nowMs: EPOCH + 60_700 + at * 1000,
      });
    }
    expect(health(paths, 'a.a1', 71_800)).toMatchObject({ state: 'degraded', consecutiveMisses: 12 });
  });

  it('keeps the memory of paths that a reload leaves, and drops the others', () => {
    const paths = table();
    seconds(paths, 0, 60);
    paths.setPaths('fra-1', PATHS.slice(0, 1), EPOCH + 60_000);
    const healths = paths.healths(EPOCH + 60_000);
    expect(healths.map(({ ref, state, options }) => [ref.target, state, options.sent])).toEqual([
      ['a.a1', 'healthy', 60],
    ]);
  });

  it('Reload and restart (safety rule 9): a snapshot keeps what a path is known for, but every path is unknown until fresh evidence', () => {
    const before = table();
    seconds(before, 0, 200);
    const text = JSON.stringify(before.snapshot(EPOCH + 200_000));
    const read = readPathSnapshot(JSON.parse(text));
    if (!read.ok) throw new Error(read.place);

    const after = new PathTable();
    after.restore(read.snapshot);
    after.setPaths('fra-1', PATHS, EPOCH + 205_000);
    after.connect('fra-1', 'instance-1', EPOCH + 205_000);
    expect(after.healths(EPOCH + 205_000).map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    const measurements = (at: number) => [missed('a.a1', at), answered('b.b1', at)];
    send(after, 206_000, measurements(205_400));
    expect(health(after, 'a.a1', 206_100)).toMatchObject({ state: 'unknown', missesNeeded: 5 });
    send(after, 207_000, measurements(206_400));
    send(after, 208_000, measurements(207_400));
    send(after, 209_000, measurements(208_400));
    send(after, 210_000, measurements(209_400));
    expect(health(after, 'a.a1', 210_100).state).toBe('hard-down');
    expect(after.snapshot(EPOCH + 210_200).paths.map(({ asked }) => asked)).toEqual([205, 200, 205]);
  });

  it('takes a snapshot over under paths that were declared before it', () => {
    const before = table();
    seconds(before, 0, 10);
    const after = table();
    after.restore(before.snapshot(EPOCH + 10_000));
    for (let at = 11; at < 14; at += 1) send(after, at * 1000 + 600, [missed('a.a1', at * 1000)], 'instance-2');
    expect(health(after, 'a.a1', 13_900)).toMatchObject({ state: 'unknown', lastStatusCode: 200 });
    expect(health(after, 'a.a1', 13_900).reason).toContain('No answer yet since');
  });

  it('shows no path of a PBX that was never declared', () => {
    expect(table().healthsOf('zz-1', EPOCH)).toEqual([]);
  });

  it('shows the loss of ICMP beside the OPTIONS, without judging by it', () => {
    const paths = table();
    seconds(paths, 0, 10);
    send(paths, 10_000, [echoed('a.a1', 9000, false), echoed('a.a1', 9500, true)]);
    expect(health(paths, 'a.a1', 10_100)).toMatchObject({
      state: 'healthy',
      icmp: { sent: 2, lost: 1, lossRatio: 0.5 },
    });
  });

  it('keeps remembered paths whose PBX has not come back in the next snapshot', () => {
    const before = table();
    seconds(before, 0, 10);
    const snapshot = before.snapshot(EPOCH + 10_000);
    const after = new PathTable();
    after.restore(snapshot);
    expect(after.snapshot(EPOCH + 20_000)).toEqual(snapshot);
  });

  it.each([
    [null, ''],
    [{ format: 'trunkward-paths-0', paths: [] }, '/format'],
    [{ format: 'trunkward-paths-1', paths: [{ key: 'x' }] }, '/paths/0'],
  ])('refuses a snapshot that is none: %j', (value, place) => {
    expect(readPathSnapshot(value)).toEqual({ ok: false, fault: 'bad-snapshot', place });
  });

  it('gives correlation unbiased counts only: no confirmations, no unmeasurable path', () => {
    const paths = table();
    for (let at = 0; at < 20; at += 1) {
      const confirmed = [missed('a.a1', at * 1000 + 200, 'confirm'), answered('a.a1', at * 1000 + 300, 'control')];
      const silent = attempted('a.a2', at * 1000, { kind: 'refused', reason: 'port-unreachable' });
      send(paths, at * 1000 + 900, [
        answered('a.a1', at * 1000),
        ...confirmed,
        silent,
        answered('b.b1', at * 1000, 'loss'),
      ]);
    }
    expect(health(paths, 'a.a2', 20_000).state).toBe('unmeasurable');
    expect(evidence(paths, EPOCH + 20_000)).toEqual([
      { key: 'fra-1>a.a1', sent: 20, lost: 0, lossRuns: 0 },
      { key: 'fra-1>b.b1', sent: 20, lost: 0, lossRuns: 0 },
    ]);
  });

  it('gives each path a view of its counts over any window', () => {
    const paths = table();
    seconds(paths, 0, 60);
    seconds(paths, 60, 70, ['a.a1']);
    const [first] = paths.sight(EPOCH + 69_900);
    expect(first?.health.ref.target).toBe('a.a1');
    expect(first?.countsSince(EPOCH + 55_030)).toEqual({ sent: 14, lost: 10, lossRuns: 1 });
    expect(first?.countsSince(EPOCH).lost).toBe(10);
  });

  it('reads anew what was measured, what lost something in its window, and what time has changed; nothing else', () => {
    const paths = table();
    seconds(paths, 0, 60);
    expect(refreshed(paths, 60_000)).toEqual(['a.a1', 'a.a2', 'b.b1']);
    expect(refreshed(paths, 60_100)).toEqual([]);
    send(paths, 60_200, [answered('a.a1', 60_000), missed('a.a2', 59_600)]);
    expect(refreshed(paths, 60_300)).toEqual(['a.a1', 'a.a2']);
    expect(refreshed(paths, 61_000)).toEqual(['a.a2']);
    expect(paths.knownOf('fra-1>b.b1')?.state).toBe('healthy');
    expect(refreshed(paths, 71_000)).toEqual(['a.a1', 'a.a2', 'b.b1']);
    expect(paths.known().map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('leaves what a batch touches between two steps of a refresh to the next one', () => {
    const paths = table();
    seconds(paths, 0, 60);
    const steps = paths.refresh(EPOCH + 60_000);
    steps.next();
    send(paths, 60_100, [missed('b.b1', 59_600)]);
    while (steps.next().done !== true);
    expect(refreshed(paths, 60_200)).toEqual(['b.b1']);
  });

  it('leaves paths that are declared or dropped between two steps of a refresh to the next one', () => {
    const paths = new PathTable();
    const edges = Array.from({ length: 100 }, (_, at) => `a.e${at}`);
    const declare = (pbx: string, targets: readonly string[]) =>
      paths.setPaths(
        pbx,
        targets.map((target) => trunkPath(pbx, 'telco-a', target)),
        1000,
      );
    for (let pbx = 0; pbx < 50; pbx += 1) declare(`fra-${pbx}`, edges);
    finish(paths.refresh(2000));
    expect(paths.known()).toHaveLength(5000);
    declare('fra-0', []);
    const steps = paths.refresh(3000);
    for (let step = 0; steps.next().done !== true; step += 1) {
      declare('fra-1', step % 2 === 0 ? [] : edges);
      declare('fra-late', edges);
    }
    const keys = new Set(paths.known().map(({ ref }) => ref.key));
    expect(keys.size).toBe(paths.known().length);
    expect(paths.census.byState.get('unknown')).toBe(keys.size);
    expect(keys.has('fra-0>a.e7')).toBe(false);
    declare('fra-1', []);
    finish(paths.refresh(4000));
    const pbxes = new Set(paths.known().map(({ ref }) => ref.pbx));
    expect(paths.known()).toHaveLength(4900);
    expect(paths.census.byState.get('unknown')).toBe(4900);
    expect([pbxes.has('fra-1'), pbxes.has('fra-late')]).toEqual([false, true]);
    expect(paths.knownOf('fra-late>a.e7')?.state).toBe('unknown');
    expect(paths.knownOf('fra-1>a.e7')).toBeUndefined();
  });

  it('never takes hub time to step back', () => {
    const paths = table();
    seconds(paths, 0, 60);
    paths.advance(EPOCH + 90_000);
    expect(health(paths, 'a.a1', 60_000).state).toBe('unknown');
  });
});
