import { describe, expect, test } from 'vitest';
import { next } from '../../../../probes/measure/schedule/probe-schedule.ts';
import { type ScheduleState, startSchedule } from '../../../../probes/measure/schedule/schedule-state.ts';
import { settled } from '../../../../probes/measure/schedule/settled-attempt.ts';
import type { TargetPace } from '../../../../probes/measure/schedule/target-pace.ts';
import { withTraffic } from '../../../../probes/measure/schedule/traffic.ts';

const POLICY = { intervalMs: 10_000, confirmGapMs: 100, lossMeanMs: 0, budgetPerMinute: 600 };

/** Plays a minute of answers in 5 ms, with a call every `callEveryMs`; gives what was sent. */
function minute(options: { readonly callEveryMs?: number; readonly isSilent?: boolean; readonly pace?: TargetPace }) {
  const { callEveryMs = Number.POSITIVE_INFINITY, isSilent = false, pace } = options;
  const paces = new Map(pace ? [['a', pace]] : []);
  let state: ScheduleState = startSchedule(POLICY, [{ target: 'a' }], 0, () => 0.5, undefined, paces);
  const sent: { readonly atMs: number; readonly schedule: string }[] = [];
  let nextCallMs = callEveryMs;
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 5) {
    if (nowMs >= nextCallMs) {
      state = withTraffic(state, ['a', 'stranger'], nowMs);
      nextCallMs += callEveryMs;
    }
    const step = next(state, nowMs, () => 0.5);
    state = step.state;
    for (const due of step.due) {
      sent.push({ atMs: nowMs, schedule: due.schedule });
      const outcome = isSilent && nowMs > 5000 ? 'timed-out' : 'answered';
      state = settled(state, { ...due, sentAtMs: nowMs, settledAtMs: nowMs + 5, outcome });
    }
  }
  return sent;
}

const PACE: TargetPace = {
  isAsked: true,
  intervalMs: 10_000,
  slotAtMs: 0,
  lossMeanMs: 0,
  perMinute: 1000,
  confirmPerMinute: 20,
  pairedWith: undefined,
};

describe('traffic', () => {
  test('at one call a second no two attempts are further apart than half a second', () => {
    const times = minute({ callEveryMs: 1000 }).flatMap(({ atMs }) => (atMs >= 1000 ? [atMs] : []));
    const gaps = times.slice(1).map((atMs, at) => atMs - (times[at] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(505);
    expect(times.length).toBeGreaterThan(100);
  });

  test('without calls nothing is added, and what calls add is no sample of loss', () => {
    expect(minute({}).map(({ schedule }) => schedule)).toEqual(Array.from({ length: 7 }, () => 'liveness'));
    const kinds = Object.groupBy(minute({ callEveryMs: 1000 }), ({ schedule }) => schedule);
    expect(kinds['liveness']).toHaveLength(7);
    expect(Object.keys(kinds).toSorted((a, b) => a.localeCompare(b))).toEqual(['control', 'liveness']);
  });

  test('it spends half of what is set apart for confirmations, and no more', () => {
    const controls = minute({ callEveryMs: 1000, pace: PACE }).filter(({ schedule }) => schedule === 'control');
    expect(controls).toHaveLength(10);
  });

  test('a target that is silent is confirmed and then asked at its interval, whatever calls come', () => {
    const sent = minute({ callEveryMs: 1000, isSilent: true }).filter(({ atMs }) => atMs > 7000);
    expect(sent.filter(({ schedule }) => schedule === 'control')).toEqual([]);
  });

  test('a target that is left to others is not asked', () => {
    expect(minute({ callEveryMs: 1000, pace: { ...PACE, isAsked: false } })).toEqual([]);
  });
});
