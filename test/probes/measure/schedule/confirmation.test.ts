import { describe, expect, test } from 'vitest';
import { confirmDueAtMs, isConfirming } from '../../../../probes/measure/schedule/confirmation.ts';
import {
  type SchedulePolicy,
  startSchedule,
  type TargetState,
} from '../../../../probes/measure/schedule/schedule-state.ts';

const POLICY: SchedulePolicy = { intervalMs: 1000, confirmGapMs: 100, lossMeanMs: 0, budgetPerMinute: 600 };

/** A target that answers in a steady 20 ms, so that 90 ms are late, with no loss in 800 attempts: four misses are needed. */
function target(changes: Partial<TargetState> = {}): TargetState {
  const fresh = startSchedule(POLICY, [{ target: 'a' }], 0, () => 0).targets.get('a');
  if (!fresh) throw new Error('no target');
  return {
    ...fresh,
    run: { hasAnswered: true, misses: 0, firstMissSentAtMs: undefined },
    usualDelay: { meanMs: 20, deviationMs: 0 },
    loss: { sent: 800, missed: 0 },
    lastAnsweredSentAtMs: 9000,
    ...changes,
  };
}

const sentAt = (...times: readonly number[]) => times.map((sentAtMs, sequence) => ({ sequence, sentAtMs }));

describe('when a confirmation is due', () => {
  test.each([
    ['nothing is under way', target(), 10_000, Number.POSITIVE_INFINITY],
    ['an attempt is not yet late: when it will be', target({ outstanding: sentAt(10_000) }), 10_050, 10_090],
    ['an attempt is late: at once', target({ outstanding: sentAt(10_000) }), 10_090, 10_090],
    [
      'one has gone out: the rest of 400 ms over the two that are still wanted',
      target({ outstanding: sentAt(10_000, 10_090), lastConfirmAtMs: 10_090, confirmations: 1 }),
      10_090,
      10_245,
    ],
    [
      'all four are under way: only looked at again',
      target({ outstanding: sentAt(10_000, 10_090, 10_245, 10_400), lastConfirmAtMs: 10_400, confirmations: 3 }),
      10_400,
      10_490,
    ],
    [
      'a late one has been overtaken by an answer',
      target({ outstanding: sentAt(10_000), lastAnsweredSentAtMs: 10_090 }),
      10_300,
      Number.POSITIVE_INFINITY,
    ],
    [
      'before the first answer nothing is late',
      target({ outstanding: sentAt(10), usualDelay: undefined }),
      5000,
      Infinity,
    ],
    ['the target is left to others', target({ outstanding: sentAt(10_000), pace: left() }), 10_090, Infinity],
    ['nine have gone out', target({ outstanding: sentAt(10_000), confirmations: 9 }), 10_090, Infinity],
  ])('%s', (_, state, nowMs, wantedMs) => {
    expect(confirmDueAtMs(state, POLICY, nowMs)).toBe(wantedMs);
    expect(isConfirming(state, nowMs)).toBe(wantedMs < 10_300 && nowMs === 10_090);
  });

  test('many misses are not asked for faster than half a gap', () => {
    const lossy = target({
      loss: { sent: 100, missed: 30 },
      outstanding: sentAt(10_000, 10_090),
      lastConfirmAtMs: 10_090,
    });
    expect(confirmDueAtMs(lossy, POLICY, 10_090)).toBe(10_140);
  });
});

function left() {
  return {
    isAsked: false,
    intervalMs: 1000,
    slotAtMs: 0,
    lossMeanMs: 0,
    perMinute: 60,
    confirmPerMinute: 10,
    pairedWith: undefined,
  };
}
