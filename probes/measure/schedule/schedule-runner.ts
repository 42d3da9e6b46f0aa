import type { Outcome, Phases } from '../../../wire/measurement.ts';
import { next } from './probe-schedule.ts';
import {
  type DueAttempt,
  lossRatioOf,
  type ScheduledTarget,
  type SchedulePolicy,
  type ScheduleState,
  startSchedule,
  type TargetPaces,
} from './schedule-state.ts';
import { settled } from './settled-attempt.ts';
import { withTraffic } from './traffic.ts';

/** Longest wait that one timer is set for. */
const MAX_TIMER_MS = 60_000;

/** What one attempt came to; `sentAtMs` on the same clock as the runner's. */
export type AttemptResult = {
  readonly sentAtMs: number;
  readonly outcome: Outcome;
  /** Parts before the request left, where there were any. */
  readonly phases?: Phases;
};

/** An attempt with the time at which the runner heard of its end. */
export type SettledResult = AttemptResult & { readonly settledAtMs: number };

/** What the runner needs from the outside. */
export type ScheduleRunnerDeps = {
  readonly policy: SchedulePolicy;
  readonly targets: readonly ScheduledTarget[];
  /** Makes one attempt, at once, without retry. It settles every time-out itself; a rejection ends the schedule. */
  readonly attempt: (due: DueAttempt, signal: AbortSignal) => Promise<AttemptResult>;
  /** Called once for each attempt, in the order in which they settle. Must not throw. */
  readonly onSettled: (due: DueAttempt, result: SettledResult) => void;
  readonly clock: { readonly nowMs: () => number };
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
};

/** A running schedule. */
export type ScheduleRunner = {
  /** Resolves after the signal is aborted and every attempt has settled; rejects if an attempt rejected. */
  readonly done: Promise<void>;
  /** Swaps targets and policy, keeping the memory of the targets that stay (safety rule 9). */
  readonly reconfigure: (policy: SchedulePolicy, targets: readonly ScheduledTarget[]) => void;
  /** Takes over the paces that the hub assigns; targets not named go by the policy. They stay over {@link reconfigure}. */
  readonly setPaces: (paces: TargetPaces) => void;
  /** A call goes out by these targets now: see `traffic.ts`. */
  readonly traffic: (targets: readonly string[]) => void;
  /** Counter since start, for {@link import('../../../wire/measurement.ts').InstrumentReading}. */
  readonly missedSchedules: () => number;
  /** Counter since start: attempts not made because a budget was spent. */
  readonly withheldByBudget: () => number;
  /** Loss before the present run of misses, for `judgeHardDown`. */
  readonly lossRatio: (target: string) => number;
};

/** Runs the probe schedule on real timers until the signal is aborted. */
export function runSchedule(deps: ScheduleRunnerDeps): ScheduleRunner {
  const { clock, random, signal } = deps;
  let state: ScheduleState = startSchedule(deps.policy, deps.targets, clock.nowMs(), random);
  let paces: TargetPaces = new Map();
  let { targets } = deps;
  let timer: NodeJS.Timeout | undefined;
  let hasFailed = false;
  const running = new Set<Promise<void>>();
  const ended = Promise.withResolvers<void>();

  const one = async (due: DueAttempt): Promise<void> => {
    const { sentAtMs, outcome, phases } = await deps.attempt(due, signal);
    const settledAtMs = clock.nowMs();
    state = settled(state, { ...due, sentAtMs, settledAtMs, outcome: outcome.kind });
    deps.onSettled(due, { sentAtMs, settledAtMs, outcome, ...(phases && { phases }) });
    turn();
  };
  const turn = (): void => {
    clearTimeout(timer);
    if (signal.aborted || hasFailed) return;
    const step = next(state, clock.nowMs(), random);
    state = step.state;
    for (const due of step.due) {
      const attempt = one(due)
        .catch((cause: unknown) => {
          hasFailed = true;
          clearTimeout(timer);
          ended.reject(cause);
        })
        .finally(() => running.delete(attempt));
      running.add(attempt);
    }
    const waitMs = Math.min(MAX_TIMER_MS, step.wakeAtMs - clock.nowMs());
    timer = setTimeout(turn, Math.max(0, waitMs));
  };
  const stop = async (): Promise<void> => {
    clearTimeout(timer);
    await Promise.all(running);
    ended.resolve();
  };
  if (signal.aborted) ended.resolve();
  else {
    signal.addEventListener('abort', () => void stop(), { once: true });
    turn();
  }
  return {
    done: ended.promise,
    reconfigure: (policy, nextTargets) => {
      targets = nextTargets;
      state = startSchedule(policy, targets, clock.nowMs(), random, state, paces);
      turn();
    },
    setPaces: (nextPaces) => {
      paces = nextPaces;
      state = startSchedule(state.policy, targets, clock.nowMs(), random, state, paces);
      turn();
    },
    traffic: (names) => {
      state = withTraffic(state, names, clock.nowMs());
      turn();
    },
    missedSchedules: () => state.missedSchedules,
    withheldByBudget: () => state.withheldByBudget,
    lossRatio: (target) => lossRatioOf(state, target),
  };
}
