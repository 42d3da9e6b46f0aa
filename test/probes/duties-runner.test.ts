import { describe, expect, test } from 'vitest';
import { DutiesRunner } from '../../probes/duties-runner.ts';
import type { TargetPaces } from '../../probes/measure/schedule/schedule-state.ts';
import type { AssignmentFrame, OptionsDuty } from '../../wire/assignment.ts';
import type { HubFrame } from '../../wire/hub-frames.ts';

const DUTY: OptionsDuty = {
  target: 'a.a1',
  role: 'inherit',
  intervalMs: 40_000,
  phaseMs: 10_000,
  lossMeanMs: 0,
  perMinute: 5,
  confirmPerMinute: 3,
  aloneIntervalMs: 600_000,
  alonePhaseMs: 120_000,
  from: ['fra-1'],
};

function assignment(version: number, options: readonly OptionsDuty[] = [DUTY], fence = 1): AssignmentFrame {
  return {
    v: 1,
    type: 'assignment',
    fence,
    version,
    issuedAtEpochMs: 0,
    options: [...options],
    mesh: [],
    testCalls: [],
  };
}

/** Ten million seconds between the two clocks. */
const WELCOME: HubFrame = {
  v: 1,
  type: 'welcome',
  hubInstanceId: 'hub-instance',
  fence: 1,
  sentAtEpochMs: 10_000_000_000,
  modes: { routing: 'observe', spend: 'observe', security: 'observe', survival: 'observe', isStopped: false },
} as unknown as HubFrame;

function start(stored?: AssignmentFrame) {
  const world = { nowMs: 0, isHeard: true, paces: [] as TargetPaces[], saved: [] as AssignmentFrame[] };
  const duties = new DutiesRunner({
    nowMs: () => world.nowMs,
    epochMs: () => 10_000_000_000 + world.nowMs,
    stored,
    save: (frame) => world.saved.push(frame),
    isHubHeard: () => world.isHeard,
    onPaces: (paces) => world.paces.push(paces),
  });
  return { world, duties, pace: () => world.paces.at(-1)?.get('a.a1') };
}

describe('DutiesRunner', () => {
  test('leaves the pace of the file alone until a hub has assigned something, however long none is heard', () => {
    const { world, duties } = start();
    world.isHeard = false;
    world.nowMs = 3_600_000;
    duties.tick();
    expect(world.paces).toEqual([]);
    expect(duties.isAlone).toBe(false);
  });

  test('turns phases on the wall clock of the hub into slots on its own monotonic clock', () => {
    const { world, duties, pace } = start();
    world.nowMs = 5000;
    duties.take(WELCOME);
    duties.take(assignment(1, [{ ...DUTY, role: 'witness', from: [] }]));
    const { slotAtMs = 0, intervalMs = 1 } = pace() ?? {};
    expect((slotAtMs + 10_000_000_000 - 5000) % intervalMs).toBe(10_000);
    expect(pace()).toMatchObject({ isAsked: true, perMinute: 5, confirmPerMinute: 3 });
  });

  test('asks nothing that it inherits while a hub is heard, and at the fair share 30 s after it was heard last', () => {
    const { world, duties, pace } = start();
    duties.take(WELCOME);
    duties.take(assignment(1));
    expect(pace()).toMatchObject({ isAsked: false });
    world.isHeard = false;
    world.nowMs = 29_999;
    duties.tick();
    expect(duties.isAlone).toBe(false);
    world.nowMs = 30_000;
    duties.tick();
    expect(pace()).toMatchObject({ isAsked: true, intervalMs: 600_000, lossMeanMs: 0 });
    duties.take({ ...WELCOME, sentAtEpochMs: 10_000_030_000 } as HubFrame);
    expect(pace()).toMatchObject({ isAsked: false });
  });

  test('begins alone by the assignment of an earlier life, at its turn, until a hub speaks', () => {
    const { world, duties, pace } = start(assignment(4));
    expect(duties.isAlone).toBe(true);
    const { slotAtMs = 0, intervalMs = 1 } = pace() ?? {};
    expect(intervalMs).toBe(600_000);
    expect((slotAtMs + 10_000_000_000) % intervalMs).toBe(120_000);
    duties.take(WELCOME);
    expect(pace()).toMatchObject({ isAsked: false });
    duties.take(assignment(5));
    expect(world.saved.map(({ version }) => version)).toEqual([5]);
  });

  test('an older assignment changes nothing; a newer one replaces it whole', () => {
    const { world, duties } = start();
    duties.take(assignment(2));
    duties.take(assignment(1, []));
    duties.take(assignment(7, [], 0));
    expect(duties.stamp).toEqual({ fence: 1, version: 2 });
    duties.take(assignment(1, [], 2));
    expect(duties.stamp).toEqual({ fence: 2, version: 1 });
    expect(world.paces.at(-1)?.size).toBe(0);
  });
});
