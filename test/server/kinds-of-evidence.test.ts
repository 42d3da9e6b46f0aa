import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../server/correlate/verdict.ts';
import { Engine, type EnginePolicy } from '../../server/engine.ts';
import { buildFleet } from '../../server/fleet.ts';
import { PATH_POLICY } from '../../server/paths/path-policy.ts';
import { ROUTE_POLICY } from '../../server/routing/route-policy.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { PbxModes } from '../../wire/plan.ts';
import { batchFrame, helloFrame } from '../support/probe-frames.ts';
import { type Random, seeded } from '../support/seeded.ts';
import { hubConfig } from './hub-fixture.ts';

const T0 = 1_800_000_000_000;
const PBXES = ['fra-1', 'ams-1', 'lon-1'];
const fleet = buildFleet(
  hubConfig('/none', {
    sites: PBXES.map((pbx) => ({ site: pbx.slice(0, 3) })),
    pbxes: PBXES.map((pbx) => ({ pbx, site: pbx.slice(0, 3), probe: `probe-${pbx}`, token: { env: 'X' } })),
  }),
);
const policy: EnginePolicy = { paths: PATH_POLICY, routes: ROUTE_POLICY, minQuietMs: 5000 };
const OBSERVE: PbxModes = {
  stopped: false,
  routing: 'observe',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
};

/** What is lost at a second, 0 to 1; by target `a.a1`, `b.b1`, `peer.ams-1`, … */
type Story = {
  readonly echoes?: (pbx: string, target: string, second: number) => number;
  readonly mesh?: (pbx: string, target: string, second: number) => number;
  /** A call at each trunk of each PBX every three seconds. */
  readonly callsFail?: (pbx: string, trunk: string, second: number) => number;
};

const peersOf = (pbx: string) => PBXES.filter((peer) => peer !== pbx);

/** Loss verdicts after each second; OPTIONS are answered throughout. */
function play(story: Story, seconds: number): readonly (readonly Verdict[])[] {
  const engine = new Engine(fleet, policy);
  const random = seeded(5);
  for (const pbx of PBXES) {
    const peers = peersOf(pbx).map((peer) => ({ target: `peer.${peer}`, kind: 'peer' as const, peer }));
    const trunks = ['a', 'b'].map((trunk) => ({
      target: `${trunk}.${trunk}1`,
      kind: 'trunk' as const,
      trunk,
      edge: `${trunk}1`,
    }));
    engine.hello(helloFrame({ pbx, instanceId: `instance-${pbx}`, targets: [...trunks, ...peers] }), T0);
  }
  const told: (readonly Verdict[])[] = [];
  for (let second = 1; second <= seconds; second += 1) {
    const nowMs = T0 + second * 1000;
    for (const pbx of PBXES) {
      const measurements = measured(story, pbx, second, random);
      const frame = batchFrame({ sequence: second, sentAtMs: second * 1000 + 600, measurements });
      engine.batch(pbx, `instance-${pbx}`, frame, nowMs);
      if (story.callsFail && second % 3 === 0) {
        for (const trunk of ['a', 'b'])
          ended(engine, pbx, trunk, nowMs, random() < story.callsFail(pbx, trunk, second));
      }
    }
    const { openVerdicts } = engine.pass(() => OBSERVE, nowMs);
    told.push(openVerdicts.filter(({ symptom }) => symptom === 'loss'));
  }
  return told;
}

function measured(story: Story, pbx: string, second: number, random: Random): Measurement[] {
  const targets = ['a.a1', 'b.b1', ...peersOf(pbx).map((peer) => `peer.${peer}`)];
  const sentAtMs = second * 1000;
  const attempts = targets.flatMap((target): Measurement[] => {
    const shape = { target, sequence: second, schedule: 'loss', sentAtMs } as const;
    const options: Measurement = {
      ...shape,
      kind: 'sip-options',
      outcome: { kind: 'answered', rttMs: 5, statusCode: 200 },
    };
    if (!story.echoes) return [options];
    const isLost = random() < story.echoes(pbx, target, second);
    const echo: Measurement = {
      ...shape,
      kind: 'icmp',
      outcome: isLost ? { kind: 'timed-out', waitedMs: 500 } : { kind: 'answered', rttMs: 5 },
    };
    return [options, echo];
  });
  if (!story.mesh || second % 5 !== 0) return attempts;
  const { mesh } = story;
  const reports = peersOf(pbx).flatMap((peer) =>
    (['forward', 'reverse'] as const).map((direction): Measurement => {
      const lost = binomial(250, mesh(pbx, `peer.${peer}`, second), random);
      return {
        kind: 'rtp-mesh',
        target: `peer.${peer}`,
        session: `session-${pbx}`,
        direction,
        sequence: second / 5,
        startedAtMs: sentAtMs - 5000,
        intervalMs: 5000,
        packetMs: 20,
        payloadBytes: 160,
        figures: {
          expected: 250,
          received: 250 - lost,
          lost,
          duplicates: 0,
          reordered: 0,
          lossRuns: [lost, 0, 0, 0, 0, 0, 0, 0],
          jitterMs: 1,
        },
      };
    }),
  );
  return [...attempts, ...reports];
}

function ended(engine: Engine, pbx: string, trunk: string, atMs: number, isFailed: boolean): void {
  const call = { kind: 'call-ended', linkedId: '1', uniqueId: `${atMs}-${trunk}`, trunk, edge: `${trunk}1` } as const;
  const times = { startedAtEpochMs: atMs - 1000, endedAtEpochMs: atMs };
  const how = isFailed ? { statusCode: 503 } : { statusCode: 486, pddMs: 300 };
  engine.callEnded(pbx, { ...call, ...times, ...how }, atMs);
}

function binomial(n: number, ratio: number, random: Random): number {
  let hits = 0;
  for (let trial = 0; trial < n; trial += 1) if (random() < ratio) hits += 1;
  return hits;
}

function words(verdicts: readonly Verdict[] | undefined): readonly string[] {
  return (verdicts ?? []).map(({ certainty, place }) => `${certainty} ${JSON.stringify(Object.values(place))}`);
}

describe('loss that OPTIONS do not meet', () => {
  it('is silence where no kind loses more than it usually does', () => {
    const story = { echoes: () => 0.003, mesh: () => 0.001, callsFail: () => 0.02 };
    expect(play(story, 400).flat()).toEqual([]);
  });

  it('ICMP alone is a suspicion of the provider whose edges limit it, with its reason, and ends with it', () => {
    const limited = (_: string, target: string, second: number) =>
      target === 'a.a1' && second > 60 && second < 200 ? 0.4 : 0.002;
    const told = play({ echoes: limited }, 400);
    expect(words(told[150])).toEqual(['suspect ["provider","telco-a"]']);
    expect(told[150]?.[0]?.sentence).toContain('only ICMP is lost there, whose rate edges limit by themselves');
    expect(told.flat().some(({ certainty }) => certainty !== 'suspect')).toBe(false);
    expect(told.at(-1)).toEqual([]);
  });

  it('mesh alone names the site whose streams lose, stands while they do, and clears once they are whole', () => {
    const lossy = (pbx: string, target: string, second: number) =>
      second > 60 && second < 600 && (pbx === 'fra-1' || target === 'peer.fra-1') ? 0.05 : 0.0005;
    const told = play({ mesh: lossy }, 1000);
    expect(words(told[590])).toEqual(['named ["site","fra"]']);
    const [verdict] = told[590] ?? [];
    expect(verdict?.kinds).toMatchObject([{ kind: 'mesh', isLossy: true }]);
    expect(verdict?.sentence).toMatch(/RTP mesh [45]\.\d % of \d+ packets/);
    const ids = new Set(told.slice(0, 600).flatMap((open) => open.map(({ verdictId }) => verdictId)));
    expect(ids.size).toBe(1);
    const firstAt = told.findIndex((open) => open.length > 0);
    expect(told.slice(firstAt, 600).every((open) => open.length === 1)).toBe(true);
    expect(told.at(-1)).toEqual([]);
  });

  it('failed calls alone name the provider that refuses them at every site; busy callees accuse nobody', () => {
    const told = play(
      { callsFail: (_, trunk, second) => (trunk === 'a' && second > 60 && second < 400 ? 0.5 : 0.01) },
      800,
    );
    expect(words(told[395])).toEqual(['named ["provider","telco-a"]']);
    expect(told[395]?.[0]?.sentence).toMatch(/failed calls \d+ % of \d+ calls/);
    expect(told.flat().every(({ place }) => place.kind !== 'site')).toBe(true);
    expect(told.at(-1)).toEqual([]);
  });
});
