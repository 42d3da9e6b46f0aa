import { describe, expect, test } from 'vitest';
import { next } from '../../../../probes/measure/schedule/probe-schedule.ts';
import {
  type DueAttempt,
  lossRatioOf,
  type ScheduledTarget,
  type SchedulePolicy,
  type ScheduleState,
  startSchedule,
} from '../../../../probes/measure/schedule/schedule-state.ts';
import { type SettledAttempt, settled } from '../../../../probes/measure/schedule/settled-attempt.ts';
import { addAttempt, judgeHardDown, type MissRun, NO_RUN } from '../../../../wire/hard-down.ts';

const POLICY: SchedulePolicy = { intervalMs: 1000, confirmGapMs: 100, lossMeanMs: 0, budgetPerMinute: 600 };
const RTT_MS = 20;
const TIMEOUT_MS = 300;

type Sent = DueAttempt & { readonly atMs: number };
type Fate = 'answered' | 'timed-out' | 'not-measured';
type World = {
  readonly state: ScheduleState;
  readonly nowMs: number;
  readonly sent: readonly Sent[];
  readonly results: readonly SettledAttempt[];
};

function seeded(seed: number): () => number {
  let word = seed >>> 0;
  return () => {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    return word / 2 ** 32;
  };
}

/** Plays the schedule on a simulated clock until `untilMs`; `fate` decides what each attempt meets. */
function play(options: {
  readonly targets: readonly string[] | readonly ScheduledTarget[];
  readonly untilMs: number;
  readonly fate: (attempt: Sent) => Fate;
  readonly policy?: Partial<SchedulePolicy>;
  readonly random?: () => number;
}): World {
  const random = options.random ?? seeded(7);
  const targets = options.targets.map((entry) => (typeof entry === 'string' ? { target: entry } : entry));
  let state = startSchedule({ ...POLICY, ...options.policy }, targets, 0, random);
  let nowMs = 0;
  const sent: Sent[] = [];
  const results: SettledAttempt[] = [];
  let pending: SettledAttempt[] = [];
  while (nowMs <= options.untilMs) {
    const step = next(state, nowMs, random);
    state = step.state;
    for (const due of step.due) {
      const attempt = { ...due, atMs: nowMs };
      sent.push(attempt);
      const outcome = options.fate(attempt);
      const tookMs = { answered: RTT_MS, 'timed-out': TIMEOUT_MS, 'not-measured': 0.5 }[outcome];
      pending.push({ ...due, sentAtMs: nowMs, settledAtMs: nowMs + tookMs, outcome });
    }
    pending = pending.toSorted((a, b) => a.settledAtMs - b.settledAtMs);
    const [first] = pending;
    if (first && first.settledAtMs <= step.wakeAtMs) {
      nowMs = first.settledAtMs;
      state = settled(state, first);
      results.push(first);
      pending = pending.slice(1);
    } else {
      nowMs = step.wakeAtMs;
    }
  }
  return { state, nowMs, sent, results };
}

/** Time at which the one definition of hard-down (wire/hard-down.ts) holds for `target`, over these results. */
function hardDownAtMs(world: World, target: string): number | undefined {
  let run: MissRun = NO_RUN;
  let otherAnsweredSentAtMs: number | undefined;
  for (const { target: name, sentAtMs, settledAtMs, outcome } of world.results) {
    if (name !== target) {
      if (outcome === 'answered') otherAnsweredSentAtMs = Math.max(otherAnsweredSentAtMs ?? 0, sentAtMs);
      continue;
    }
    run = addAttempt(run, { sentAtMs, settledAtMs, isAnswered: outcome === 'answered' });
    const lossRatio = lossRatioOf(world.state, target);
    if (judgeHardDown({ run, lossRatio, otherAnsweredSentAtMs, inviteAnsweredAtMs: undefined }).isHardDown) {
      return settledAtMs;
    }
  }
  return undefined;
}

describe('liveness schedule', () => {
  test('keeps its interval within ±10 % and hits it on average', () => {
    const { sent } = play({ targets: ['a.one'], untilMs: 600_000, fate: () => 'answered' });
    const gaps = sent.slice(1).map(({ atMs }, at) => atMs - (sent[at]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(900);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1100);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(150);
    expect(sent.length).toBeGreaterThan(590);
    expect(sent.length).toBeLessThan(612);
  });

  test('spreads the first attempts of its targets evenly over one interval', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const { sent } = play({ targets: names, untilMs: 899, fate: () => 'answered' });
    expect(sent.map(({ target, atMs }) => [target, atMs])).toEqual(names.map((name, at) => [name, at * 200]));
  });

  test('numbers the attempts of each target one up from 0, whatever their schedule', () => {
    const fate = ({ target, atMs }: Sent): Fate => (target === 'a' && atMs > 20_000 ? 'timed-out' : 'answered');
    const { sent } = play({ targets: ['a', 'b'], untilMs: 30_000, fate, policy: { lossMeanMs: 2000 } });
    for (const name of ['a', 'b']) {
      const sequences = sent.filter(({ target }) => target === name).map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.map((_, at) => at));
    }
  });
});

describe('confirmations after a miss', () => {
  test('black hole right after an answered probe is k=5 misses within 2 s at the worst phase and jitter', () => {
    const worst: number[] = [];
    for (let offsetMs = 0; offsetMs < 1000; offsetMs += 10) {
      const holeFromMs = 300_000 + offsetMs;
      const fate = ({ target, atMs }: Sent): Fate => (target === 'a' && atMs >= holeFromMs ? 'timed-out' : 'answered');
      const world = play({ targets: ['a', 'b', 'c'], untilMs: 305_000, fate, random: seeded(offsetMs) });
      const downAtMs = hardDownAtMs(world, 'a');
      expect(downAtMs).toBeDefined();
      worst.push((downAtMs ?? Number.NaN) - holeFromMs);
    }
    // 1.1 s of waiting, 0.4 s of confirmations, 0.3 s until the last is given up.
    expect(Math.max(...worst)).toBeLessThanOrEqual(1100 + 400 + TIMEOUT_MS);
    expect(Math.max(...worst)).toBeGreaterThan(1500);
    expect(worst.reduce((sum, ms) => sum + ms, 0) / worst.length).toBeLessThan(1400);
  });

  test('begin while the first attempt is late, are spread over 0.4 s, and a dead target falls back to its interval', () => {
    const fate = ({ target, atMs }: Sent): Fate => (target === 'a' && atMs > 300_000 ? 'timed-out' : 'answered');
    const { sent } = play({ targets: ['a', 'b'], untilMs: 360_000, fate });
    const toDead = sent.filter(({ target, atMs }) => target === 'a' && atMs > 300_000);
    const confirms = toDead.filter(({ schedule }) => schedule === 'confirm');
    expect(confirms).toHaveLength(4);
    const firstMs = toDead[0]?.atMs ?? Number.NaN;
    const lateMs = 50 + 2 * RTT_MS;
    const gapMs = (400 - lateMs) / 3;
    const wanted = [0, 1, 2, 3].map((at) => lateMs + at * gapMs);
    for (const [at, confirm] of confirms.entries()) expect(confirm.atMs - firstMs).toBeCloseTo(wanted[at] ?? 0, 1);
    expect(toDead.length).toBeLessThan(67);
  });

  test('are as many as the measured loss asks for', () => {
    let count = 0;
    const fate = ({ target, atMs }: Sent): Fate => {
      if (target !== 'a') return 'answered';
      if (atMs > 1_200_000) return 'timed-out';
      count += 1;
      return count % 10 === 0 ? 'timed-out' : 'answered';
    };
    const world = play({ targets: ['a', 'b'], untilMs: 1_205_000, fate });
    expect(lossRatioOf(world.state, 'a')).toBeGreaterThan(0.07);
    expect(lossRatioOf(world.state, 'a')).toBeLessThan(0.15);
    const confirms = world.sent.filter(
      ({ target, atMs, schedule }) => target === 'a' && atMs > 1_200_000 && schedule === 'confirm',
    );
    expect(confirms.length).toBeGreaterThanOrEqual(6);
    expect(confirms.length).toBeLessThanOrEqual(8);
  });

  test('end at the first answer', () => {
    let isLost = false;
    const fate = ({ target, atMs, schedule }: Sent): Fate => {
      if (target === 'a' && schedule === 'liveness' && atMs > 300_000 && !isLost) {
        isLost = true;
        return 'timed-out';
      }
      return 'answered';
    };
    const { sent, state } = play({ targets: ['a', 'b'], untilMs: 310_000, fate });
    expect(sent.filter(({ schedule }) => schedule === 'confirm')).toHaveLength(1);
    expect(state.targets.get('a')?.run.misses).toBe(0);
  });

  test('are not sent to an edge that never answered (unmeasurable)', () => {
    const fate = ({ target }: Sent): Fate => (target === 'a' ? 'timed-out' : 'answered');
    const { sent } = play({ targets: ['a', 'b'], untilMs: 60_000, fate });
    expect(sent.filter(({ schedule }) => schedule !== 'liveness')).toEqual([]);
  });

  test('do not follow what was not measured (rule 2), however long it lasts', () => {
    const fate = ({ atMs }: Sent): Fate => (atMs > 100_000 ? 'not-measured' : 'answered');
    const { sent, state } = play({ targets: ['a', 'b'], untilMs: 200_000, fate });
    expect(sent.filter(({ schedule }) => schedule === 'confirm')).toEqual([]);
    expect(state.targets.get('a')?.run.misses).toBe(0);
  });

  test('stop after nine when each of them cannot be measured: no flood at a broken socket', () => {
    const fate = ({ target, atMs, schedule }: Sent): Fate => {
      if (target !== 'a' || atMs < 300_000) return 'answered';
      return schedule === 'liveness' ? 'timed-out' : 'not-measured';
    };
    const { sent } = play({ targets: ['a', 'b'], untilMs: 301_900, fate });
    expect(sent.filter(({ target, schedule }) => target === 'a' && schedule === 'confirm').length).toBeLessThanOrEqual(
      9,
    );
  });
});

describe('controls beside confirmations', () => {
  test('each confirmation brings one attempt at another target, sent inside the misses, rotating over those that answer', () => {
    const fate = ({ target, atMs }: Sent): Fate => {
      if (target === 'a' && atMs > 300_000) return 'timed-out';
      if (target === 'd' && atMs > 200_000) return 'timed-out';
      return target === 'e' ? 'timed-out' : 'answered';
    };
    const { sent } = play({ targets: ['a', 'b', 'c', 'd', 'e'], untilMs: 305_000, fate });
    const ofHole = sent.filter(({ atMs, schedule }) => atMs > 300_000 && schedule !== 'liveness');
    expect(ofHole.filter(({ schedule }) => schedule === 'confirm')).toHaveLength(4);
    const controls = ofHole.filter(({ schedule }) => schedule === 'control');
    const [first, second, third] = controls.map(({ target }) => target);
    expect(new Set([first, second])).toEqual(new Set(['b', 'c']));
    expect(third).toBe(first);
    expect(controls.map(({ atMs }) => atMs)).toEqual(
      ofHole.filter(({ schedule }) => schedule === 'confirm').map(({ atMs }) => atMs),
    );
  });

  test('with one target only there is none, and hard-down cannot be reached (another must answer)', () => {
    const fate = ({ atMs }: Sent): Fate => (atMs > 300_000 ? 'timed-out' : 'answered');
    const world = play({ targets: ['a'], untilMs: 320_000, fate });
    expect(world.sent.some(({ schedule }) => schedule === 'control')).toBe(false);
    expect(hardDownAtMs(world, 'a')).toBeUndefined();
  });

  test('when everything is silent nothing is hard-down: our own uplink is the likelier cause', () => {
    const fate = ({ atMs }: Sent): Fate => (atMs > 300_000 ? 'timed-out' : 'answered');
    const world = play({ targets: ['a', 'b', 'c'], untilMs: 330_000, fate });
    for (const name of ['a', 'b', 'c']) expect(hardDownAtMs(world, name)).toBeUndefined();
  });
});

describe('loss schedule', () => {
  test('is Poisson: exponential gaps of its mean, apart from liveness', () => {
    const { sent } = play({ targets: ['a'], untilMs: 4_000_000, fate: () => 'answered', policy: { lossMeanMs: 2000 } });
    const times = sent.filter(({ schedule }) => schedule === 'loss').map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((atMs, at) => atMs - (times[at] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const beyondMean = gaps.filter((gap) => gap > 2000).length / gaps.length;
    expect(mean).toBeGreaterThan(1850);
    expect(mean).toBeLessThan(2150);
    expect(beyondMean).toBeGreaterThan(0.33);
    expect(beyondMean).toBeLessThan(0.41);
  });

  test('an outage is not counted as loss, so k is small again after it', () => {
    const fate = ({ target, atMs }: Sent): Fate =>
      target === 'a' && atMs > 300_000 && atMs < 900_000 ? 'timed-out' : 'answered';
    const { state } = play({ targets: ['a', 'b'], untilMs: 910_000, fate });
    expect(lossRatioOf(state, 'a')).toBeLessThan(0.03);
  });

  test('a target of which nothing is known reads as lossy: k is then at its greatest', () => {
    const state = startSchedule(POLICY, [{ target: 'a' }], 0, seeded(1));
    expect(lossRatioOf(state, 'a')).toBe(1);
    expect(lossRatioOf(state, 'stranger')).toBe(1);
  });
});

describe('budget', () => {
  test('caps all attempts of every schedule in any 60 s, faults included', () => {
    const fate = ({ target, atMs }: Sent): Fate => (target === 'a' && atMs % 7000 > 3000 ? 'timed-out' : 'answered');
    const policy = { budgetPerMinute: 20, lossMeanMs: 5000 };
    const { sent } = play({ targets: ['a', 'b'], untilMs: 900_000, fate, policy });
    for (const name of ['a', 'b']) {
      const times = sent.filter(({ target }) => target === name).map(({ atMs }) => atMs);
      const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));
      expect(busiest).toBeLessThanOrEqual(20);
      expect(busiest).toBeGreaterThanOrEqual(12);
    }
  });

  test('stretches the interval instead of spending itself in the first seconds of each minute', () => {
    const { sent } = play({ targets: ['a'], untilMs: 600_000, fate: () => 'answered', policy: { budgetPerMinute: 6 } });
    const gaps = sent.slice(1).map(({ atMs }, at) => atMs - (sent[at]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(11_000);
    expect(Math.max(...gaps)).toBeLessThan(14_000);
  });

  test('is shared by the targets that name the same one', () => {
    const targets = ['a', 'b', 'c'].map((target) => ({ target, budget: 'provider' }));
    const { sent } = play({ targets, untilMs: 600_000, fate: () => 'answered', policy: { budgetPerMinute: 30 } });
    const times = sent.map(({ atMs }) => atMs);
    const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));
    expect(busiest).toBeLessThanOrEqual(30);
    expect(new Set(sent.map(({ target }) => target)).size).toBe(3);
  });
});

describe('late wake-ups', () => {
  test('more than half an interval late counts as missed, once per slot, and is not made up for in a burst', () => {
    let state = startSchedule(POLICY, [{ target: 'a' }], 0, seeded(1));
    state = next(state, 0, () => 0.5).state;
    const prompt = next(state, 1400, () => 0.5);
    expect(prompt.due).toHaveLength(1);
    expect(prompt.state.missedSchedules).toBe(0);
    const late = next(prompt.state, 2600, () => 0.5);
    expect(late.due).toHaveLength(1);
    expect(late.state.missedSchedules).toBe(1);
    const asleep = next(late.state, 9000, () => 0.5);
    expect(asleep.due).toHaveLength(1);
    expect(asleep.state.missedSchedules).toBe(1 + 6);
    expect(asleep.wakeAtMs).toBe(10_000);
  });
});

describe('reload (rule 9)', () => {
  test('keeps what is known of targets that stay, starts new ones, forgets those gone', () => {
    const { state, nowMs } = play({ targets: ['a', 'b'], untilMs: 200_000, fate: () => 'answered' });
    const reloaded = startSchedule(POLICY, [{ target: 'a' }, { target: 'c' }], nowMs, seeded(3), state);
    expect(reloaded.targets.get('a')).toEqual(state.targets.get('a'));
    expect(reloaded.targets.get('c')?.run.hasAnswered).toBe(false);
    expect(reloaded.targets.has('b')).toBe(false);
    expect(settled(reloaded, attemptOf('b'))).toBe(reloaded);
  });
});

function attemptOf(target: string): SettledAttempt {
  return { target, schedule: 'liveness', sequence: 0, sentAtMs: 1, settledAtMs: 2, outcome: 'answered' };
}
