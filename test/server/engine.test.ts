import { describe, expect, it } from 'vitest';
import { Engine, type EnginePolicy } from '../../server/engine.ts';
import { buildFleet } from '../../server/fleet.ts';
import type { PassResult } from '../../server/pass-result.ts';
import { PATH_POLICY } from '../../server/paths/path-policy.ts';
import { ROUTE_POLICY } from '../../server/routing/route-policy.ts';
import type { SipOptionsMeasurement } from '../../wire/measurement.ts';
import type { PbxModes, ReadBackRoute } from '../../wire/plan.ts';
import { batchFrame, helloFrame } from '../support/probe-frames.ts';
import { hubConfig } from './hub-fixture.ts';
import { instrument } from './paths/measured.ts';

const T0 = 1_800_000_000_000;
const PBXES = ['fra-1', 'ams-1', 'lon-1'];
const fleet = buildFleet(
  hubConfig('/none', {
    sites: PBXES.map((pbx) => ({ site: pbx.slice(0, 3) })),
    pbxes: PBXES.map((pbx) => ({ pbx, site: pbx.slice(0, 3), probe: `probe-${pbx}`, token: { env: 'X' } })),
  }),
);
const policy: EnginePolicy = { paths: PATH_POLICY, routes: { ...ROUTE_POLICY, maxChangedRatio: 1 }, minQuietMs: 5000 };
const ENFORCE: PbxModes = {
  stopped: false,
  routing: 'enforce',
  spend: 'observe',
  security: 'observe',
  survival: 'observe',
  classes: [],
};
const enforce = () => ENFORCE;
const adopted: readonly ReadBackRoute[] = ['a,b', 'b,a'].map((order, at) => ({
  class: at === 0 ? 'national' : 'international',
  raw: `2:1.5:${order.replace(',', '/100,')}/0`,
  fence: 1,
  version: 5,
  trunks: order.split(',').map((trunk, rank) => ({ trunk, weight: rank === 0 ? 100 : 0 })),
}));

function hello(pbx: string, routes = adopted) {
  return helloFrame({
    pbx,
    probe: `probe-${pbx}`,
    instanceId: `instance-${pbx}`,
    targets: [
      { target: 'a.a1', kind: 'trunk', trunk: 'a', edge: 'a1' },
      { target: 'b.b1', kind: 'trunk', trunk: 'b', edge: 'b1' },
      ...PBXES.filter((peer) => peer !== pbx).map((peer) => ({ target: `peer.${peer}`, kind: 'peer' as const, peer })),
    ],
    trunks: ['a', 'b'],
    classes: ['national', 'international'],
    plan: { readAtEpochMs: T0, routes: [...routes], down: [] },
  });
}

/** A fleet that measures every target of every PBX once a second from `second` on; `isLost` says which attempts fail. */
function run(
  engine: Engine,
  [from, to]: readonly [number, number],
  isLost: (pbx: string, target: string, second: number) => boolean = () => false,
  ofA: readonly string[] = ['a.a1'],
): readonly PassResult[] {
  const passes: PassResult[] = [];
  for (let second = from; second < to; second += 1) {
    const nowMs = T0 + second * 1000;
    for (const pbx of PBXES) {
      const targets = [...ofA, 'b.b1', ...PBXES.filter((peer) => peer !== pbx).map((peer) => `peer.${peer}`)];
      const measurements = targets.map(
        (target, at): SipOptionsMeasurement => ({
          kind: 'sip-options',
          target,
          sequence: second,
          schedule: 'liveness',
          sentAtMs: second * 1000 + at,
          outcome: isLost(pbx, target, second)
            ? { kind: 'timed-out', waitedMs: 500 }
            : { kind: 'answered', rttMs: 5 + at, statusCode: 200 },
        }),
      );
      const frame = batchFrame({ sequence: second, sentAtMs: second * 1000 + 600, measurements });
      engine.batch(pbx, `instance-${pbx}`, frame, nowMs);
    }
    passes.push(engine.pass(enforce, nowMs));
  }
  return passes;
}

function started(routes = adopted): Engine {
  const engine = new Engine(fleet, policy);
  for (const pbx of PBXES) engine.hello(hello(pbx, routes), T0);
  return engine;
}

function failedCall(endedAtEpochMs: number) {
  const ids = { linkedId: String(endedAtEpochMs), uniqueId: String(endedAtEpochMs), trunk: 'a', class: 'national' };
  return {
    kind: 'call-ended',
    ...ids,
    startedAtEpochMs: endedAtEpochMs - 1000,
    endedAtEpochMs,
    statusCode: 503,
  } as const;
}

const flips = (passes: readonly PassResult[]) =>
  passes.flatMap((pass) =>
    pass.flips.map(({ pbx, class: name, fromTrunk, toTrunk }) => `${pbx} ${name} ${fromTrunk}>${toTrunk}`),
  );

describe('from measurements to routes', () => {
  it('changes nothing while all is well: the routes found are adopted (rule 9)', () => {
    const passes = run(started(), [0, 120]);
    expect(flips(passes)).toEqual([]);
    const last = passes.at(-1);
    expect(last?.openVerdicts).toEqual([]);
    expect(last?.healths.every(({ state }) => state === 'healthy')).toBe(true);
    expect(last?.routes.every(({ isInAsterisk }) => isInAsterisk === true)).toBe(true);
  });

  it('loses nothing in a pass that fails: the next one goes through what that one had read', () => {
    const engine = started();
    run(engine, [0, 5]);
    const failing = () => {
      throw new Error('no modes');
    };
    run(engine, [5, 6]);
    engine.hello({ ...hello('ams-1'), instanceId: 'another' }, T0 + 5500);
    expect(() => engine.pass(failing, T0 + 5500)).toThrow('no modes');
    const next = engine.pass(enforce, T0 + 5500);
    expect(next.renewed.healths.map(({ ref }) => ref.key)).toContain('ams-1>a.a1');
    expect(engine.pass(enforce, T0 + 5500).renewed.healths).toEqual([]);
  });

  it('moves off a provider that is dead at every site, names it, and says why (rules 3 and 7)', () => {
    const passes = run(started(), [0, 90], (_pbx, target, second) => target === 'a.a1' && second >= 60);
    expect(flips(passes).toSorted()).toEqual(PBXES.map((pbx) => `${pbx} national a>b`).toSorted());
    const flip = passes.flatMap((pass) => pass.flips)[0];
    expect(flip?.sentence).toMatch(/miss|hard-down/i);
    const named = passes.at(-1)?.openVerdicts.find(({ certainty }) => certainty === 'named');
    expect(named?.place).toEqual({ kind: 'provider', provider: 'telco-a' });
    expect(named?.witnesses.length).toBeGreaterThan(1);
  });

  it('says of a verdict since when, and what its calls met; without a word of any Asterisk their number is unknown (rule 2)', () => {
    const isDead = (_pbx: string, target: string, second: number) => target === 'a.a1' && second >= 60;
    const silent = run(started(), [0, 90], isDead).at(-1)?.openVerdicts[0];
    expect(silent?.cost).toMatchObject({ noCalls: 'asterisk-not-reached', pbxes: 3, sites: 3 });
    expect(silent?.cost?.classes.map((each) => each.class)).toContain('national');
    const engine = started();
    for (const pbx of PBXES) engine.asterisk(pbx, true);
    run(engine, [0, 62], isDead);
    const call = {
      kind: 'call-ended',
      linkedId: '1',
      uniqueId: '1',
      trunk: 'a',
      class: 'national',
      startedAtEpochMs: T0 + 60_000,
      endedAtEpochMs: T0 + 61_000,
      statusCode: 503,
    } as const;
    engine.callEnded('fra-1', call, T0 + 61_500);
    const [verdict] = run(engine, [62, 90], isDead).at(-1)?.openVerdicts ?? [];
    expect(verdict?.cost?.calls).toMatchObject({ attempted: 1, failed: 1, failedBy: [{ by: '503', calls: 1 }] });
    expect(Math.abs((verdict?.sinceMs ?? 0) - (T0 + 60_000))).toBeLessThanOrEqual(2000);
    expect(verdict?.sinceMs).toBeLessThanOrEqual(verdict?.openedAtMs ?? 0);
  });

  it('does not condemn a provider for one site whose own view of it is dead (rule 3)', () => {
    const passes = run(
      started(),
      [0, 120],
      (pbx, target, second) => pbx === 'fra-1' && target === 'a.a1' && second >= 60,
    );
    expect(flips(passes)).toEqual(['fra-1 national a>b']);
    const named = passes
      .at(-1)
      ?.openVerdicts.filter(({ certainty, place }) => certainty === 'named' && place.kind === 'provider');
    expect(named).toEqual([]);
  });

  it('counts a trunk by every address of its edges and by no further source: it goes when the last address does', () => {
    const edge = { kind: 'trunk', trunk: 'a', edge: 'a1' } as const;
    const [east, west, lte] = [
      { ...edge, target: 'a.a1.at-east', host: 'east' },
      { ...edge, target: 'a.a1.at-west', host: 'west' },
      { ...edge, target: 'a.a1.at-east.from-lte', host: 'east', source: 'lte' },
    ];
    const engine = new Engine(fleet, policy);
    const others = (pbx: string) => hello(pbx).targets.filter(({ target }) => target !== 'a.a1');
    for (const pbx of PBXES) {
      engine.hello({ ...hello(pbx), targets: [{ ...edge, target: 'a.a1' }, ...others(pbx)] }, T0);
      expect(engine.retarget(pbx, [east, west, lte, ...others(pbx)], T0)).toEqual([]);
    }
    const own = ['a.a1.at-east', 'a.a1.at-west', 'a.a1.at-east.from-lte'];
    const isLost = (target: string, second: number) => {
      if (target === 'a.a1.at-east') return second >= 120;
      return target === 'a.a1.at-west' && second >= 60;
    };
    const passes = run(engine, [0, 150], (_pbx, target, second) => isLost(target, second), own);
    const flipped = passes.flatMap((pass, second) => pass.flips.map(({ class: name }) => ({ name, second })));
    expect(flipped.map(({ name }) => name)).toEqual(PBXES.map(() => 'national'));
    for (const { second } of flipped) expect(second).toBeGreaterThanOrEqual(120);
    const states = new Map(passes[110]?.healths.map(({ ref, state }) => [ref.key, state]));
    expect(own.map((target) => states.get(`fra-1>${target}`))).toEqual(['healthy', 'hard-down', 'healthy']);
    expect(passes.at(-1)?.healths.find(({ ref }) => ref.target === 'a.a1.at-east.from-lte')?.state).toBe('healthy');
  });

  it('leaves every path of a silent probe unknown and its routes as they are (rule 2)', () => {
    const engine = started();
    run(engine, [0, 60]);
    const pass = engine.pass(enforce, T0 + 120_000);
    expect(pass.healths.every(({ state }) => state === 'unknown')).toBe(true);
    expect(pass.flips).toEqual([]);
    expect(pass.routes.find((route) => route.class === 'national')?.trunks[0]?.trunk).toBe('a');
  });

  it('only proposes in observe mode: nothing is given to Asterisk (rule 7)', () => {
    const engine = started();
    run(engine, [0, 60]);
    const observe = () => ({ ...ENFORCE, routing: 'observe' as const });
    let proposed = 0;
    for (let second = 60; second < 80; second += 1) {
      for (const pbx of PBXES) {
        const at = { sequence: second, sentAtMs: second * 1000 };
        const base = { kind: 'sip-options', schedule: 'liveness', ...at } as const;
        const measurements: SipOptionsMeasurement[] = [
          { ...base, target: 'a.a1', outcome: { kind: 'timed-out', waitedMs: 500 } },
          { ...base, target: 'b.b1', outcome: { kind: 'answered', rttMs: 5 } },
        ];
        engine.batch(pbx, `instance-${pbx}`, batchFrame({ ...at, measurements }), T0 + second * 1000);
      }
      const pass = engine.pass(observe, T0 + second * 1000);
      proposed += pass.flips.filter(({ mode }) => mode === 'observe').length;
      for (const route of pass.routes) expect(route.current.map(({ trunk }) => trunk)[0]).toBe(route.configured[0]);
    }
    expect(proposed).toBe(PBXES.length);
  });

  it('takes what the way held up for as old as it is, so that it is no fresh word of a site (rule 2)', () => {
    const engine = started();
    run(engine, [0, 60]);
    const measurements = hello('fra-1').targets.map(({ target }): SipOptionsMeasurement => {
      const outcome = { kind: 'answered', rttMs: 5, statusCode: 200 } as const;
      return { kind: 'sip-options', target, sequence: 61, schedule: 'liveness', sentAtMs: 60_500, outcome };
    });
    const frame = batchFrame({ sequence: 61, sentAtMs: 60_600, measurements });
    const cameAtMs = T0 + 75_000;
    engine.batch('fra-1', 'instance-fra-1', frame, cameAtMs);
    const held = engine.pass(enforce, cameAtMs).healths.filter(({ ref }) => ref.pbx === 'fra-1');
    expect(new Set(held.map(({ state }) => state))).toEqual(new Set(['unknown']));
    const next = batchFrame({ sequence: 62, sentAtMs: 75_600, measurements: [] });
    engine.batch(
      'fra-1',
      'instance-fra-1',
      { ...next, measurements: measurements.map((each) => ({ ...each, sentAtMs: 75_500 })) },
      cameAtMs + 10,
    );
    const back = engine.pass(enforce, cameAtMs + 10).healths.filter(({ ref }) => ref.pbx === 'fra-1');
    expect(new Set(back.map(({ state }) => state))).toEqual(new Set(['healthy']));
  });

  it('tells targets that the configuration does not know, and measures the others', () => {
    const engine = new Engine(fleet, policy);
    const stranger = { target: 'z.z1', kind: 'trunk', trunk: 'z', edge: 'z1' } as const;
    const greeting = hello('fra-1');
    expect(engine.hello({ ...greeting, targets: [...greeting.targets, stranger] }, T0)).toEqual(['z.z1']);
    expect(engine.pass(enforce, T0).healths).toHaveLength(4);
  });

  it('plans only classes and trunks that both the hub and the probe name (rule 10)', () => {
    const engine = new Engine(fleet, policy);
    engine.hello({ ...hello('fra-1'), trunks: ['b', 'z'], classes: ['national', 'premium'] }, T0);
    const { routes } = engine.pass(enforce, T0);
    expect(routes.map((route) => [route.class, route.configured])).toEqual([['national', ['b']]]);
  });
});

describe('a hub that starts again', () => {
  const dead = (_pbx: string, target: string, second: number) => target === 'a.a1' && second >= 60;

  it('holds nothing back for times that its clock, ahead then, has left behind (rule 9)', () => {
    const before = started();
    run(before, [0, 90], dead);
    const after = new Engine(fleet, policy);
    const nowMs = T0 - 86_400_000;
    after.recall(structuredClone(before.memory(T0 + 90_000)), [], nowMs);
    const { planner } = after.memory(nowMs);
    const holds = Object.values(planner.pbxes).flatMap((pbx) => Object.values(pbx.holds));
    expect(planner.recentFlips.length).toBeGreaterThan(0);
    expect(planner.recentFlips.every(({ atMs }) => atMs <= nowMs)).toBe(true);
    expect(holds.every(({ holdUntilMs }) => holdUntilMs <= nowMs + ROUTE_POLICY.maxHoldDownMs)).toBe(true);
  });

  it("remembers the probe's own marks over a plan's result, and takes them anew with each reading", () => {
    const engine = started();
    const mark = { trunk: 'a', untilEpochMs: T0 + 5000 };
    engine.readBack('fra-1', adopted, [mark]);
    engine.readBack('fra-1', adopted);
    const { plan: _plan, ...withoutPlan } = hello('fra-1');
    engine.hello(withoutPlan, T0);
    expect(engine.downMarks('fra-1')).toEqual([mark]);
    engine.readBack('fra-1', adopted, []);
    expect(engine.downMarks('fra-1')).toEqual([]);
    expect(engine.downMarks('ams-1')).toEqual([]);
  });

  it('leaves every path unknown and every route as it is until there is fresh evidence (rule 9)', () => {
    const before = started();
    const passes = run(before, [0, 90], dead);
    const open = passes.at(-1)?.openVerdicts ?? [];
    const held = passes.at(-1)?.routes.map(({ pbx, class: name, trunks }) => ({ pbx, class: name, trunks }));
    const memory = structuredClone(before.memory(T0 + 90_000));

    const after = new Engine(fleet, policy);
    after.recall(memory, open, T0 + 100_000);
    const first = after.pass(enforce, T0 + 100_000);
    expect(first.healths).toHaveLength(12);
    expect(first.healths.every(({ state }) => state === 'unknown')).toBe(true);
    expect(first.flips).toEqual([]);
    expect(first.routes.map(({ pbx, class: name, trunks }) => ({ pbx, class: name, trunks }))).toEqual(held);
    expect(first.verdictEffects.filter(({ kind }) => kind !== 'verdict-updated')).toEqual([]);
    expect(first.openVerdicts.map(({ verdictId }) => verdictId)).toEqual(open.map(({ verdictId }) => verdictId));
  });

  it('does not go back into the hole, and goes back once the hole is closed, once (rules 2 and 9)', () => {
    const before = started();
    run(before, [0, 90], dead);
    const after = new Engine(fleet, policy);
    after.recall(structuredClone(before.memory(T0 + 90_000)), [], T0 + 100_000);
    for (const pbx of PBXES) {
      const moved = adopted.map((route) => ({
        ...route,
        trunks: [
          { trunk: 'b', weight: 100 },
          { trunk: 'a', weight: 0 },
        ],
      }));
      after.hello(hello(pbx, moved), T0 + 100_000);
    }
    expect(flips(run(after, [100, 160], dead))).toEqual([]);
    const back = flips(run(after, [160, 400]));
    expect(back.toSorted()).toEqual(PBXES.map((pbx) => `${pbx} national b>a`).toSorted());
  });

  it.each([
    ['sick', ['fra-1 national a>b'], []],
    ['sound', ['fra-1 national a>b'], ['fra-1 national a>b']],
  ] as const)(
    'holds calls read back against a trunk as before the restart: its probe was %s when they failed (rule 1)',
    (how, told, flipped) => {
      const before = started();
      run(before, [0, 60]);
      const eventLoopDelayP99Ms = how === 'sick' ? 500 : 2;
      const reading = batchFrame({
        sequence: 60,
        sentAtMs: 60_600,
        measurements: [],
        instrument: instrument({ eventLoopDelayP99Ms }),
      });
      before.batch('fra-1', 'instance-fra-1', reading, T0 + 60_000);
      run(before, [61, 100]);

      const after = new Engine(fleet, policy);
      after.recall(structuredClone(before.memory(T0 + 100_000)), [], T0 + 100_000);
      for (let call = 0; call < 40; call += 1)
        after.callEnded('fra-1', failedCall(T0 + 61_000 + call * 100), T0 + 61_000 + call * 100);
      for (const pbx of PBXES) after.hello(hello(pbx), T0 + 100_000);
      expect(flips(run(after, [100, 130]))).toEqual(flipped);
      for (let call = 0; call < 40; call += 1)
        after.callEnded('fra-1', failedCall(T0 + 126_000 + call * 100), T0 + 126_000 + call * 100);
      expect(flips(run(after, [130, 160]))).toEqual(how === 'sick' ? told : []);
    },
  );

  it('keeps no paths of a PBX that the configuration no longer has', () => {
    const before = started();
    run(before, [0, 10]);
    const smaller = buildFleet(hubConfig('/none'));
    const after = new Engine(smaller, policy);
    after.recall(before.memory(T0 + 10_000), [], T0 + 20_000);
    const { healths, routes } = after.pass(enforce, T0 + 20_000);
    expect(new Set(healths.map(({ ref }) => ref.pbx))).toEqual(new Set(['fra-1', 'ams-1']));
    expect(healths.some(({ ref }) => ref.target === 'peer.lon-1')).toBe(false);
    expect(routes.some(({ pbx }) => pbx === 'lon-1')).toBe(false);
  });
});

describe('a replay', () => {
  it('of the same frames at the same times gives the same verdicts, plans and sentences', () => {
    const noisy = (pbx: string, target: string, second: number) =>
      (target === 'a.a1' && second > 60 && (second * 7 + pbx.length) % 3 === 0) ||
      (second % 41 === 0 && target === 'b.b1');
    const first = run(started(), [0, 200], noisy);
    const second = run(started(), [0, 200], noisy);
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(first.some(({ openVerdicts }) => openVerdicts.length > 0)).toBe(true);
  });
});
