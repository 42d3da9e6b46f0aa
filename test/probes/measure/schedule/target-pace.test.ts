import { describe, expect, test } from 'vitest';
import { next } from '../../../../probes/measure/schedule/probe-schedule.ts';
import {
  type DueAttempt,
  type ScheduleState,
  startSchedule,
  type TargetPaces,
} from '../../../../probes/measure/schedule/schedule-state.ts';
import { settled } from '../../../../probes/measure/schedule/settled-attempt.ts';
import type { TargetPace } from '../../../../probes/measure/schedule/target-pace.ts';

const POLICY = { intervalMs: 10_000, confirmGapMs: 150, lossMeanMs: 0, budgetPerMinute: 18 };
const TARGETS = [{ target: 'a' }, { target: 'b' }];
const PACE: TargetPace = {
  isAsked: true,
  intervalMs: 40_000,
  slotAtMs: 3000,
  lossMeanMs: 0,
  perMinute: 5,
  confirmPerMinute: 3,
  pairedWith: undefined,
};

type Sent = DueAttempt & { readonly atMs: number };

/** Plays from `fromMs` to `untilMs`; attempts for which `isAnswered` says no time out after 300 ms. */
function play(
  start: ScheduleState,
  span: { readonly fromMs: number; readonly untilMs: number },
  isAnswered: (attempt: Sent) => boolean,
): { readonly state: ScheduleState; readonly sent: readonly Sent[] } {
  let state = start;
  let nowMs = span.fromMs;
  const sent: Sent[] = [];
  let pending: (Sent & { readonly settledAtMs: number; readonly isAnswered: boolean })[] = [];
  while (nowMs <= span.untilMs) {
    const step = next(state, nowMs, () => 0.5);
    state = step.state;
    for (const due of step.due) {
      const attempt = { ...due, atMs: nowMs };
      sent.push(attempt);
      const answered = isAnswered(attempt);
      pending.push({ ...attempt, settledAtMs: nowMs + (answered ? 20 : 300), isAnswered: answered });
    }
    pending = pending.toSorted((a, b) => a.settledAtMs - b.settledAtMs);
    const [first] = pending;
    if (first && first.settledAtMs <= step.wakeAtMs) {
      nowMs = first.settledAtMs;
      const { target, schedule, sequence, atMs, settledAtMs } = first;
      const outcome = first.isAnswered ? 'answered' : 'timed-out';
      state = settled(state, { target, schedule, sequence, sentAtMs: atMs, settledAtMs, outcome });
      pending = pending.slice(1);
    } else nowMs = step.wakeAtMs;
  }
  return { state, sent };
}

function assigned(paces: TargetPaces, previous?: ScheduleState, nowMs = 0): ScheduleState {
  return startSchedule(POLICY, TARGETS, nowMs, () => 0.5, previous, paces);
}

const timesOf = (sent: readonly Sent[], target: string) =>
  sent.filter((attempt) => attempt.target === target).map(({ atMs }) => atMs);

describe('an assigned pace', () => {
  test('asks in its slots without jitter, and a target not named keeps the policy', () => {
    const { sent } = play(assigned(new Map([['a', PACE]])), { fromMs: 0, untilMs: 170_000 }, () => true);
    expect(timesOf(sent, 'a')).toEqual([3000, 43_000, 83_000, 123_000, 163_000]);
    expect(timesOf(sent, 'b').length).toBeGreaterThan(14);
  });

  test('is kept to the slot although each wake-up is late by some milliseconds', () => {
    let state = assigned(new Map([['a', { ...PACE, perMinute: 1, confirmPerMinute: 0, intervalMs: 60_000 }]]));
    const lateMs = [3, 1, 7, 2];
    for (const [at, late] of lateMs.entries()) {
      const step = next(state, 3000 + at * 60_000 + late, () => 0.5);
      state = step.state;
      expect(step.due.filter(({ target }) => target === 'a')).toHaveLength(1);
    }
  });

  test('that inherits sends nothing, no confirmation and no control either', () => {
    const heard = play(assigned(new Map()), { fromMs: 0, untilMs: 100_000 }, () => true);
    const paces = new Map([['a', { ...PACE, isAsked: false }]]);
    const quiet = play(assigned(paces, heard.state, 100_000), { fromMs: 100_000, untilMs: 300_000 }, (attempt) => {
      return attempt.target !== 'b' || attempt.atMs < 200_000;
    });
    expect(timesOf(quiet.sent, 'a')).toEqual([]);
    expect(quiet.sent.some(({ target, schedule }) => target === 'b' && schedule === 'confirm')).toBe(true);
  });

  test('leaves confirmations their own small number in any minute, and no more', () => {
    const heard = play(assigned(new Map([['a', PACE]])), { fromMs: 0, untilMs: 200_000 }, () => true);
    const { sent } = play(heard.state, { fromMs: 200_000, untilMs: 420_000 }, ({ target }) => target !== 'a');
    const confirms = sent.filter(({ target, schedule }) => target === 'a' && schedule === 'confirm');
    const times = confirms.map(({ atMs }) => atMs);
    expect(confirms.length).toBeGreaterThan(3);
    expect(Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length))).toBe(3);
    const all = timesOf(sent, 'a');
    expect(
      Math.max(...all.map((from) => all.filter((at) => at >= from && at < from + 60_000).length)),
    ).toBeLessThanOrEqual(5);
  });

  test('without confirmations of its own waits for its slots, however long the run', () => {
    const pace = { ...PACE, confirmPerMinute: 0 };
    const heard = play(assigned(new Map([['a', pace]])), { fromMs: 0, untilMs: 100_000 }, () => true);
    const { sent } = play(heard.state, { fromMs: 100_000, untilMs: 300_000 }, ({ target }) => target !== 'a');
    expect(sent.filter(({ target }) => target === 'a').every(({ schedule }) => schedule === 'liveness')).toBe(true);
  });

  test('of a striped pair gives both attempts of one pass the same number, one up for each pair', () => {
    const paces = new Map([
      ['a', { ...PACE, pairedWith: 'b' }],
      ['b', { ...PACE, pairedWith: 'a' }],
    ]);
    const { sent } = play(assigned(paces), { fromMs: 0, untilMs: 130_000 }, () => true);
    expect(sent.map(({ atMs, pair }) => [atMs, pair])).toEqual(
      [0, 1, 2, 3].flatMap((at) => [3000, 3000].map((first) => [first + at * 40_000, at])),
    );
  });
});

describe('a change of pace', () => {
  const heard = () => play(assigned(new Map()), { fromMs: 0, untilMs: 100_000 }, () => true).state;

  test('keeps the run of misses, what is under way and the confirmations still to come', () => {
    const hole = play(heard(), { fromMs: 100_000, untilMs: 100_400 }, ({ target }) => target !== 'a').state;
    const miss = play(hole, { fromMs: 110_000, untilMs: 110_400 }, ({ target }) => target !== 'a').state;
    expect(miss.targets.get('a')?.run.misses).toBeGreaterThan(0);
    const after = assigned(new Map([['a', PACE]]), miss, 110_400);
    expect(after.targets.get('a')).toMatchObject({
      run: miss.targets.get('a')?.run,
      outstanding: miss.targets.get('a')?.outstanding,
      nextConfirmAtMs: miss.targets.get('a')?.nextConfirmAtMs,
    });
  });

  test('that leaves a target to others ends its run: what was missed long ago continues nothing', () => {
    const hole = play(heard(), { fromMs: 100_000, untilMs: 121_000 }, ({ target }) => target !== 'a').state;
    expect(hole.targets.get('a')?.run.misses).toBeGreaterThan(1);
    const left = assigned(new Map([['a', { ...PACE, isAsked: false }]]), hole, 121_000);
    expect(left.targets.get('a')?.run).toEqual({ hasAnswered: true, misses: 0, firstMissSentAtMs: undefined });
    const again = play(
      assigned(new Map([['a', PACE]]), left, 122_000),
      { fromMs: 122_000, untilMs: 140_000 },
      () => true,
    );
    expect(again.sent.filter(({ target, schedule }) => target === 'a' && schedule === 'confirm')).toEqual([]);
  });

  test('makes no burst: the next attempt is half an interval away from the one before at least', () => {
    let state = heard();
    const times = [...timesOf(play(heard(), { fromMs: 0, untilMs: 0 }, () => true).sent, 'a')];
    let nowMs = 100_000;
    for (let round = 0; round < 40; round += 1) {
      state = assigned(new Map([['a', { ...PACE, slotAtMs: nowMs + 500 }]]), state, nowMs);
      const played = play(state, { fromMs: nowMs, untilMs: nowMs + 2000 }, () => true);
      times.push(...timesOf(played.sent, 'a'));
      state = played.state;
      nowMs += 2500;
    }
    const gaps = times.slice(1).map((atMs, at) => atMs - (times[at] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20_000);
  });

  test('that is none (the clock of the hub read anew, some milliseconds off) leaves the slots alone', () => {
    const before = assigned(new Map([['a', PACE]]), heard(), 100_000);
    const after = assigned(
      new Map([['a', { ...PACE, slotAtMs: PACE.slotAtMs + 20 + 5 * PACE.intervalMs }]]),
      before,
      101_000,
    );
    expect(after.targets.get('a')).toEqual(before.targets.get('a'));
  });
});
