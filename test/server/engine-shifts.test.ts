import { describe, expect, it } from 'vitest';
import { placeKey } from '../../server/correlate/places.ts';
import { Engine, type EnginePolicy } from '../../server/engine.ts';
import { buildFleet } from '../../server/fleet.ts';
import { verdictEntry } from '../../server/hub-entries.ts';
import type { PassResult } from '../../server/pass-result.ts';
import { PATH_POLICY } from '../../server/paths/path-policy.ts';
import { ROUTE_POLICY } from '../../server/routing/route-policy.ts';
import type { InstrumentReading, Measurement } from '../../wire/measurement.ts';
import { ENFORCING } from '../support/engine-fleet.ts';
import { batchFrame, helloFrame } from '../support/probe-frames.ts';
import { seeded } from '../support/seeded.ts';
import { hubConfig } from './hub-fixture.ts';
import { instrument } from './paths/measured.ts';

const T0 = 1_800_000_000_000;
const PBXES = ['fra-1', 'ams-1', 'lon-1'];
const TRUNKS = ['a', 'b'];
const fleet = buildFleet(
  hubConfig('/none', {
    sites: PBXES.map((pbx) => ({ site: pbx.slice(0, 3) })),
    pbxes: PBXES.map((pbx) => ({ pbx, site: pbx.slice(0, 3), probe: `probe-${pbx}`, token: { env: 'X' } })),
  }),
);
const POLICY: EnginePolicy = { paths: PATH_POLICY, routes: { ...ROUTE_POLICY, maxChangedRatio: 1 }, minQuietMs: 5000 };

function targetsOf(pbx: string) {
  return [
    ...TRUNKS.map((trunk) => ({ target: `${trunk}.${trunk}1`, kind: 'trunk' as const, trunk, edge: `${trunk}1` })),
    ...PBXES.filter((peer) => peer !== pbx).map((peer) => ({ target: `peer.${peer}`, kind: 'peer' as const, peer })),
  ];
}

function started(): Engine {
  const engine = new Engine(fleet, POLICY);
  for (const pbx of PBXES) {
    const targets = targetsOf(pbx);
    const hello = { pbx, probe: `probe-${pbx}`, instanceId: `instance-${pbx}`, targets, trunks: TRUNKS };
    engine.hello(helloFrame({ ...hello, classes: ['national', 'international'] }), T0);
  }
  return engine;
}

/** What a second is like: milliseconds on top of 20 of a target, jitter of calls at a trunk, the probe's own instrument. */
type Second = {
  readonly addedMs?: (pbx: string, target: string) => number;
  readonly jitterMs?: (trunk: string) => number;
  readonly reading?: (pbx: string) => Partial<InstrumentReading>;
};

/** One round trip a second on each path, and a report of one of three calls at each trunk. */
function run(engine: Engine, [from, to]: readonly [number, number], said: Second = {}): readonly PassResult[] {
  const random = seeded(from + 9);
  const passes: PassResult[] = [];
  for (let second = from; second < to; second += 1) {
    const nowMs = T0 + second * 1000;
    for (const pbx of PBXES) {
      const answers = targetsOf(pbx).map(({ target }, at): Measurement => {
        const rttMs = 20 + 3 * random() + (said.addedMs?.(pbx, target) ?? 0);
        const outcome = { kind: 'answered', rttMs, statusCode: 200 } as const;
        return {
          kind: 'sip-options',
          target,
          sequence: second,
          schedule: 'liveness',
          sentAtMs: second * 1000 + at,
          outcome,
        };
      });
      const calls = TRUNKS.map(
        (trunk): Measurement => ({
          kind: 'rtp-call',
          trunk,
          edge: `${trunk}1`,
          leg: second % 3,
          direction: 'received',
          observedAtMs: second * 1000,
          intervalMs: 5000,
          expected: 250,
          lost: 0,
          jitterMs: 1 + random() + (said.jitterMs?.(trunk) ?? 0),
          codec: 'alaw',
          isFinal: false,
          source: 'rtcp',
        }),
      );
      const measurements = [...answers, ...calls];
      const reading = instrument(said.reading?.(pbx) ?? {});
      const frame = batchFrame({ sequence: second, sentAtMs: second * 1000 + 600, measurements, instrument: reading });
      engine.batch(pbx, `instance-${pbx}`, frame, nowMs);
    }
    passes.push(engine.pass(() => ENFORCING, nowMs));
  }
  return passes;
}

const slowA: Second = { addedMs: (_, target) => (target === 'a.a1' ? 30 : 0) };
const words = (passes: readonly PassResult[]) =>
  passes.flatMap(({ verdictEffects }) =>
    verdictEffects.flatMap(({ kind, verdict: { certainty, place, symptom } }) =>
      kind === 'verdict-updated' ? [] : [`${kind} ${certainty} ${symptom} ${placeKey(place)}`],
    ),
  );

describe('latency and media, from measurements to verdicts', () => {
  it('names the provider that answers 30 ms later, moves no call for it, and clears it', () => {
    const engine = started();
    expect(words(run(engine, [0, 90]))).toEqual([]);
    const slow = run(engine, [90, 150], slowA);
    expect(words(slow)).toEqual(['verdict-opened named latency provider-telco-a']);
    expect(slow.flatMap(({ flips }) => flips)).toEqual([]);
    expect(words(run(engine, [150, 190]))).toEqual(['verdict-cleared named latency provider-telco-a']);
  });

  it('writes it into the journal in one sentence that stands by itself', () => {
    const engine = started();
    run(engine, [0, 90]);
    const [opened] = run(engine, [90, 150], slowA).flatMap(({ verdictEffects }) => verdictEffects);
    const entry = opened && verdictEntry(opened);
    expect(entry).toMatchObject({ kind: 'verdict-opened', scope: { provider: 'telco-a' } });
    expect(entry?.sentence).toMatch(
      /^Provider telco-a: slower than usual on 3 of 3 paths seen from 3 sites, as at path /,
    );
  });

  it('names the provider whose calls come in with 25 ms more jitter, and says that it is the way from it', () => {
    const engine = started();
    run(engine, [0, 90]);
    const jittery = run(engine, [90, 150], { jitterMs: (trunk) => (trunk === 'a' ? 25 : 0) });
    expect(words(jittery)).toEqual(['verdict-opened named media provider-telco-a']);
    expect(jittery.at(-1)?.openVerdicts[0]).toMatchObject({ symptom: 'media', direction: 'from' });
  });

  it('lets a probe abstain whose instrument is sick, or too coarse for round trips (safety rule 1)', () => {
    for (const reading of [{ eventLoopDelayP99Ms: 150 }, { selfProbeRttMs: 12 }]) {
      const engine = started();
      run(engine, [0, 90]);
      const starved = run(engine, [90, 200], {
        addedMs: (pbx) => (pbx === 'fra-1' ? 30 : 0),
        reading: (pbx) => (pbx === 'fra-1' ? reading : {}),
      });
      expect(words(starved)).toEqual([]);
    }
  });

  it('says the same of the same frames, to the last letter', () => {
    const story = (engine: Engine) => [
      ...run(engine, [0, 60]),
      ...run(engine, [60, 100], slowA),
      ...run(engine, [100, 140], { jitterMs: (trunk) => (trunk === 'b' ? 25 : 0) }),
    ];
    const told = (passes: readonly PassResult[]) => JSON.stringify(passes.map(({ verdictEffects }) => verdictEffects));
    expect(told(story(started()))).toBe(told(story(started())));
  });

  it('goes on over a restart of the hub with the baselines that its verdicts carry (safety rule 9)', () => {
    const engine = started();
    run(engine, [0, 90]);
    const open = run(engine, [90, 150], slowA).at(-1)?.openVerdicts ?? [];
    const after = new Engine(fleet, POLICY);
    after.recall(engine.memory(T0 + 150_000), open, T0 + 150_000);
    for (const pbx of PBXES) {
      const targets = targetsOf(pbx);
      const hello = { pbx, probe: `probe-${pbx}`, instanceId: `instance-${pbx}`, targets, trunks: TRUNKS };
      after.hello(helloFrame({ ...hello, classes: ['national', 'international'] }), T0 + 150_000);
    }
    expect(words(run(after, [150, 250], slowA))).toEqual([]);
    expect(words(run(after, [250, 300]))).toEqual(['verdict-cleared named latency provider-telco-a']);
  });
});
