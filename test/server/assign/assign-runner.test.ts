import { beforeEach, describe, expect, test } from 'vitest';
import { AssignRunner } from '../../../server/assign/assign-runner.ts';
import type { AssignmentNote } from '../../../server/assign/assignment-changes.ts';
import type { AssignmentPlan } from '../../../server/assign/assignment-plan.ts';
import { edgeViews, pathDuties } from '../../../server/assign/assignment-view.ts';
import type { AssignmentFrame, MeshDuty } from '../../../wire/assignment.ts';
import { encodeFrame, parseHubFrame } from '../../../wire/codec.ts';
import { helloFrame } from '../../support/probe-frames.ts';
import { DEFAULT_BUDGET } from './random-fleet.ts';

const SITE_OF = new Map([
  ['fra-1', 'fra'],
  ['fra-2', 'fra'],
  ['ams-1', 'ams'],
]);
const NOBODY: ReadonlySet<string> = new Set();
const EVERYBODY = [...SITE_OF.keys()];

describe('AssignRunner', () => {
  let world: {
    nowMs: number;
    fence: number;
    connected: Set<string>;
    sent: { readonly pbx: string; readonly frame: AssignmentFrame }[];
    plans: AssignmentPlan[];
    notes: AssignmentNote[];
    mesh: ReadonlyMap<string, readonly MeshDuty[]>;
    meshMeasured: string[];
  };
  let runner: AssignRunner;

  beforeEach(() => {
    world = {
      nowMs: 1_000_000,
      fence: 3,
      connected: new Set(),
      sent: [],
      plans: [],
      notes: [],
      mesh: new Map(),
      meshMeasured: [],
    };
    runner = new AssignRunner({
      policy: {
        providers: new Map([['a', { provider: 'telco-a', budget: { ...DEFAULT_BUDGET, witnessesPerSite: 1 } }]]),
        testCalls: new Map([['a', { everyMs: 600_000, witnessesPerSite: 1 }]]),
        siteOf: SITE_OF,
      },
      nowMs: () => world.nowMs,
      fence: () => world.fence,
      send: (pbx, frame) => {
        if (!world.connected.has(pbx)) return false;
        world.sent.push({ pbx, frame });
        return true;
      },
      mesh: () => world.mesh,
      meshMeasured: (pbx) => world.meshMeasured.push(pbx),
      onPlan: (plan) => {
        world.plans.push(plan);
      },
      onNote: (note) => world.notes.push(note),
    });
  });

  const connect = (pbx: string) => {
    world.connected.add(pbx);
    const abilities = { meshPeers: [], testCallTargets: ['a.a1'], canTrace: false };
    runner.hello(pbx, helloFrame({ pbx, abilities }));
    runner.ready(pbx);
  };
  const tick = (afterMs = 1000) => {
    world.nowMs += afterMs;
    runner.tick(NOBODY);
  };
  const sentTo = () => world.sent.splice(0).map(({ pbx, frame }) => `${pbx} ${frame.fence}.${frame.version}`);
  const witnesses = () => runner.plan.edges[0]?.witnesses.map(({ pbx }) => pbx) ?? [];

  test('takes an election in steps: what comes between them has its turn with the next', () => {
    for (const pbx of EVERYBODY.slice(0, 2)) connect(pbx);
    world.nowMs += 1000;
    const steps = runner.tickSteps(NOBODY);
    expect(steps.next().done).toBe(false);
    expect(runner.plan.duties.size).toBe(0);
    for (const pbx of EVERYBODY.slice(2)) connect(pbx);
    while (steps.next().done !== true);
    expect(runner.plan.duties.size).toBe(2);
    tick();
    expect(runner.plan.duties.size).toBe(EVERYBODY.length);
  });

  test('sends each probe its frame once, valid on the wire, and nothing again while nothing changes', () => {
    for (const pbx of EVERYBODY) connect(pbx);
    tick();
    const frames = world.sent.map(({ frame }) => frame);
    for (const frame of frames) expect(parseHubFrame(encodeFrame(frame))).toMatchObject({ ok: true });
    expect(sentTo()).toEqual(['ams-1 3.1', 'fra-1 3.2', 'fra-2 3.3']);
    for (let second = 0; second < 100; second += 1) tick();
    expect(world.sent).toEqual([]);
    expect(world.plans).toHaveLength(1);
    expect(world.notes.map(({ kind }) => kind)).toEqual(['witnesses-elected']);
    expect(frames.flatMap(({ testCalls }) => testCalls)).toEqual([
      { target: 'a.a1', everyMs: 600_000, phaseMs: 0 },
      { target: 'a.a1', everyMs: 600_000, phaseMs: 300_000 },
    ]);
  });

  test('sends it again after a reconnection at once, and to all when the fence has risen', () => {
    for (const pbx of EVERYBODY) connect(pbx);
    tick();
    sentTo();
    runner.gone('ams-1');
    connect('ams-1');
    expect(sentTo()).toEqual(['ams-1 3.4']);
    world.fence = 9;
    tick();
    expect(sentTo()).toHaveLength(3);
    expect(world.plans).toHaveLength(2);
    expect(world.plans[1]?.duties).toEqual(world.plans[0]?.duties);
  });

  test('elects another witness 15 s after one is gone, or has been sick for as long, and not for a blink', () => {
    for (const pbx of EVERYBODY) connect(pbx);
    tick();
    const [first = ''] = witnesses().filter((pbx) => pbx.startsWith('fra'));
    const other = first === 'fra-1' ? 'fra-2' : 'fra-1';
    runner.gone(first);
    for (let second = 0; second < 10; second += 1) tick();
    connect(first);
    tick();
    expect(witnesses()).toContain(first);
    for (let second = 0; second < 17; second += 1) {
      world.nowMs += 1000;
      runner.tick(new Set([first]));
    }
    expect(witnesses()).toContain(other);
    expect(witnesses()).not.toContain(first);
    expect(pathDuties(runner.plan).get(first)?.get('a.a1')).toMatchObject({ role: 'inherit', from: [other] });
    tick(20_000);
    expect(witnesses()).toContain(other);
  });

  test('counts the qualify of the PBXs in as it is read, also one that names no edge, and says an overrun once', () => {
    for (const pbx of EVERYBODY) connect(pbx);
    tick();
    const qualify = {
      kind: 'qualify',
      trunk: 'a',
      observedAtMs: 1,
      status: 'reachable',
      rttMs: 9,
      timeoutS: 3,
    } as const;
    for (const pbx of EVERYBODY) runner.measured(pbx, [{ ...qualify, frequencyS: 60 }]);
    tick();
    expect(edgeViews(runner.plan)[0]).toMatchObject({ qualifyPerMinute: 3, attemptsPerMinute: 3, isOverrun: false });
    for (let round = 0; round < 5; round += 1) {
      for (const pbx of EVERYBODY) runner.measured(pbx, [{ ...qualify, edge: 'a1', frequencyS: 15 }]);
      tick();
    }
    expect(edgeViews(runner.plan)[0]).toMatchObject({ qualifyPerMinute: 12, isOverrun: true });
    expect(edgeViews(runner.plan)[0]?.reason).toContain('the least is kept');
    expect(world.notes.filter(({ kind }) => kind === 'budget-overrun')).toHaveLength(1);
  });

  test('carries the streams of the mesh, and sends a new frame only to a PBX whose own changed', () => {
    for (const pbx of EVERYBODY) connect(pbx);
    tick();
    sentTo();
    const stream: MeshDuty = {
      session: 'session-0001',
      peer: 'ams-1',
      role: 'sender',
      key: 'k'.repeat(43),
      packetMs: 20,
      payloadBytes: 160,
      onMs: 10_000,
      offMs: 0,
    };
    world.mesh = new Map([['fra-1', [stream]]]);
    tick();
    expect(world.sent.map(({ pbx, frame }) => [pbx, frame.mesh])).toEqual([['fra-1', [stream]]]);
    sentTo();
    world.mesh = new Map([['fra-1', [{ ...stream }]]]);
    tick();
    expect(world.sent).toEqual([]);
  });

  test('holds no report of a sick probe against a pair of the mesh (rule 1)', () => {
    for (const pbx of EVERYBODY) connect(pbx);
    runner.tick(new Set(['fra-1']));
    for (const pbx of EVERYBODY) runner.measured(pbx, []);
    expect(world.meshMeasured).toEqual(['fra-2', 'ams-1']);
    runner.tick(NOBODY);
    runner.measured('fra-1', []);
    expect(world.meshMeasured).toContain('fra-1');
  });
});
