import { type MissRun, missesForHardDown, NO_RUN } from '../../../wire/hard-down.ts';
import { carefulLossRatio, type LossBeforeRun, NO_LOSS_SEEN } from '../../../wire/loss-before-run.ts';
import type { Schedule } from '../../../wire/measurement.ts';
import { type AttemptBudget, newBudget } from './attempt-budget.ts';
import { isSamePace, slotAfterMs, type TargetPace } from './target-pace.ts';
import type { UsualDelay } from './usual-delay.ts';

/** How targets are probed; the same for all of them. */
export type SchedulePolicy = {
  /** Liveness interval; each one is drawn from ±10 % of it. */
  readonly intervalMs: number;
  /** The quick confirmations of a run of misses are spread over four of these, see `confirmation.ts`. */
  readonly confirmGapMs: number;
  /** Mean of the exponential gaps of the loss schedule; 0 turns it off. */
  readonly lossMeanMs: number;
  /** Attempts per budget in any 60 s, of all schedules together. */
  readonly budgetPerMinute: number;
};

/** A target to be probed. Targets that name the same `budget` (a provider, say) share one; the default is its own. */
export type ScheduledTarget = { readonly target: string; readonly budget?: string };

/** An attempt whose result has not come yet. */
export type Outstanding = { readonly sequence: number; readonly sentAtMs: number };

/** Memory of one target. All times on the probe's monotonic clock; `Infinity` means never. */
export type TargetState = {
  readonly target: string;
  readonly budget: string;
  /** Stretched where the budget does not allow the policy's interval. */
  readonly intervalMs: number;
  readonly lossMeanMs: number;
  /** What the hub has assigned; undefined: the policy's pace. */
  readonly pace: TargetPace | undefined;
  readonly lastLivenessAtMs: number;
  readonly nextLivenessAtMs: number;
  readonly nextLossAtMs: number;
  readonly nextConfirmAtMs: number;
  readonly lastConfirmAtMs: number;
  readonly lastControlAtMs: number;
  readonly lastAnsweredAtMs: number;
  /** When the latest attempt left that was answered. */
  readonly lastAnsweredSentAtMs: number;
  readonly usualDelay: UsualDelay;
  readonly lastSentAtMs: number;
  /** Calls are under way to it until then, see `traffic.ts`. */
  readonly trafficUntilMs: number;
  readonly nextTrafficAtMs: number;
  /** Confirmations sent since the run of misses began. */
  readonly confirmations: number;
  readonly run: MissRun;
  /** Misses of unbiased schedules in the run; they become loss only if the run ends before it is an outage. */
  readonly unbiasedMisses: number;
  readonly loss: LossBeforeRun;
  readonly nextSequence: number;
  readonly outstanding: readonly Outstanding[];
};

/** The whole schedule of one probe. */
export type ScheduleState = {
  readonly policy: SchedulePolicy;
  readonly targets: ReadonlyMap<string, TargetState>;
  readonly budgets: ReadonlyMap<string, AttemptBudget>;
  /** Liveness and loss attempts that came more than half an interval late or not at all. */
  readonly missedSchedules: number;
  /** Attempts not made because the budget was spent. */
  readonly withheldByBudget: number;
  /** Number of the next striped pair. */
  readonly nextPair: number;
};

/**
 * One attempt to be made now. `sequence` is that of the measurement: per target, one up from 0. The two attempts of a
 * striped pair carry the same `pair`.
 */
export type DueAttempt = {
  readonly target: string;
  readonly schedule: Schedule;
  readonly sequence: number;
  readonly pair?: number;
};

/** Share of a budget that the periodic schedules may use; the rest is for confirmations and controls. */
const PERIODIC_SHARE = 0.8;

/** Assigned paces by target; targets not named keep the policy's. */
export type TargetPaces = ReadonlyMap<string, TargetPace>;

/**
 * Starts a schedule, or takes over new targets, paces and a new policy without forgetting what is known of the targets that
 * stay (safety rule 9). First liveness attempts are spread evenly over one interval.
 *
 * @param nowMs - monotonic clock.
 * @param random - uniform in [0, 1); drawn once per new target where the loss schedule is on.
 * @param previous - the running schedule on a reload.
 * @param paces - what the hub has assigned. A run of misses and its confirmations outlive a change of pace, unless the
 *   target is left to others; and none makes an attempt come sooner than half an interval after the one before.
 */
export function startSchedule(
  policy: SchedulePolicy,
  targets: readonly ScheduledTarget[],
  nowMs: number,
  random: () => number,
  previous?: ScheduleState,
  paces: TargetPaces = new Map(),
): ScheduleState {
  const budgetOf = ({ target, budget }: ScheduledTarget) => (paces.has(target) ? target : (budget ?? target));
  const members = new Map<string, number>();
  for (const entry of targets) members.set(budgetOf(entry), (members.get(budgetOf(entry)) ?? 0) + 1);
  const states = targets.map((entry, at): readonly [string, TargetState] => {
    const budget = budgetOf(entry);
    const pace = paces.get(entry.target);
    const known = previous?.targets.get(entry.target);
    const base = known ?? newTarget(entry.target);
    if (pace) {
      const isGoingOn = known !== undefined && isSamePace(pace, known.pace);
      return [
        entry.target,
        isGoingOn ? { ...known, budget } : { ...base, budget, ...paced(pace, base, nowMs, random) },
      ];
    }
    const stretch = budgetStretch(policy, members.get(budget) ?? 1);
    const intervalMs = policy.intervalMs * stretch;
    const lossMeanMs = policy.lossMeanMs * stretch;
    const isSame = !known?.pace && known?.intervalMs === intervalMs && known.lossMeanMs === lossMeanMs;
    const times = {
      nextLivenessAtMs: nowMs + (intervalMs * at) / targets.length,
      nextLossAtMs: lossMeanMs > 0 ? nowMs + exponentialMs(lossMeanMs, random()) : Number.POSITIVE_INFINITY,
    };
    return [entry.target, { ...base, ...(isSame ? {} : times), pace, budget, intervalMs, lossMeanMs }];
  });
  const perMinute = (name: string) => paces.get(name)?.perMinute ?? policy.budgetPerMinute;
  const budgets = [...members.keys()].map((name): readonly [string, AttemptBudget] => [
    name,
    { ...(previous?.budgets.get(name) ?? newBudget(0)), perMinute: perMinute(name) },
  ]);
  const confirms = targets.flatMap(({ target }): readonly (readonly [string, AttemptBudget])[] => {
    const pace = paces.get(target);
    const name = confirmBudgetOf(target);
    return pace ? [[name, { ...(previous?.budgets.get(name) ?? newBudget(0)), perMinute: pace.confirmPerMinute }]] : [];
  });
  return {
    policy,
    targets: new Map(states),
    budgets: new Map([...budgets, ...confirms]),
    missedSchedules: previous?.missedSchedules ?? 0,
    withheldByBudget: previous?.withheldByBudget ?? 0,
    nextPair: previous?.nextPair ?? 0,
  };
}

/** Name of the budget that confirmations and controls of a target have to themselves where the hub has assigned its pace. */
export function confirmBudgetOf(target: string): string {
  return `${target} confirm`;
}

function paced(
  pace: TargetPace,
  base: Pick<TargetState, 'lastLivenessAtMs' | 'run'>,
  nowMs: number,
  random: () => number,
) {
  const { intervalMs, lossMeanMs } = pace;
  if (!pace.isAsked) {
    const never = Number.POSITIVE_INFINITY;
    const run = { ...NO_RUN, hasAnswered: base.run.hasAnswered };
    const ended = { run, unbiasedMisses: 0, confirmations: 0, nextConfirmAtMs: never, nextTrafficAtMs: never };
    return { ...ended, pace, intervalMs, lossMeanMs: 0, nextLivenessAtMs: never, nextLossAtMs: never };
  }
  return {
    pace,
    intervalMs,
    lossMeanMs,
    nextLivenessAtMs: slotAfterMs(pace, Math.max(nowMs, base.lastLivenessAtMs + intervalMs / 2)),
    nextLossAtMs: lossMeanMs > 0 ? nowMs + exponentialMs(lossMeanMs, random()) : Number.POSITIVE_INFINITY,
  };
}

/**
 * An exponentially distributed gap (a Poisson process).
 *
 * @param random - uniform in [0, 1).
 */
export function exponentialMs(meanMs: number, random: number): number {
  return -Math.log(1 - random) * meanMs;
}

/** Loss of a target before its present run of misses, 0 to 1, on the careful side; 1 when nothing is known. */
export function lossRatioOf(state: ScheduleState, target: string): number {
  return carefulLossRatio(state.targets.get(target)?.loss ?? NO_LOSS_SEEN);
}

/** Misses in a row after which this target is no longer confirmed quickly: the k of hard-down (wire/hard-down.ts). */
export function missesNeeded(target: TargetState): number {
  return missesForHardDown(carefulLossRatio(target.loss));
}

function budgetStretch(policy: SchedulePolicy, members: number): number {
  const lossPerMinute = policy.lossMeanMs > 0 ? 60_000 / policy.lossMeanMs : 0;
  const periodicPerMinute = members * (60_000 / policy.intervalMs + lossPerMinute);
  return Math.max(1, periodicPerMinute / (PERIODIC_SHARE * policy.budgetPerMinute));
}

function newTarget(target: string): Omit<TargetState, 'budget' | 'intervalMs' | 'lossMeanMs'> {
  return {
    target,
    pace: undefined,
    lastLivenessAtMs: Number.NEGATIVE_INFINITY,
    nextLivenessAtMs: Number.POSITIVE_INFINITY,
    nextLossAtMs: Number.POSITIVE_INFINITY,
    nextConfirmAtMs: Number.POSITIVE_INFINITY,
    lastConfirmAtMs: Number.NEGATIVE_INFINITY,
    lastControlAtMs: Number.NEGATIVE_INFINITY,
    lastAnsweredAtMs: Number.NEGATIVE_INFINITY,
    lastAnsweredSentAtMs: Number.NEGATIVE_INFINITY,
    usualDelay: undefined,
    lastSentAtMs: Number.NEGATIVE_INFINITY,
    trafficUntilMs: Number.NEGATIVE_INFINITY,
    nextTrafficAtMs: Number.POSITIVE_INFINITY,
    confirmations: 0,
    run: NO_RUN,
    unbiasedMisses: 0,
    loss: NO_LOSS_SEEN,
    nextSequence: 0,
    outstanding: [],
  };
}
