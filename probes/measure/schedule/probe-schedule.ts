import type { Schedule } from '../../../wire/measurement.ts';
import { type AttemptBudget, freeAtMs, spend } from './attempt-budget.ts';
import { controlOrder } from './control-choice.ts';
import { type DueAttempt, exponentialMs, type ScheduleState, type TargetState } from './schedule-state.ts';
import { isConfirming } from './settled-attempt.ts';

/** Each liveness gap is drawn from the interval plus or minus this share of it. */
const JITTER_RATIO = 0.1;

/** What to do now, and when to ask again at the latest; ask earlier after each `settled`. */
export type ScheduleStep = {
  readonly state: ScheduleState;
  readonly due: readonly DueAttempt[];
  /** Monotonic; `Infinity` without targets. */
  readonly wakeAtMs: number;
};

/**
 * Attempts due at this moment. Pure: the caller sends each of them once, now, and owns the timer.
 *
 * After a miss at a target that has answered before, confirmations go out one per `confirmGapMs` without waiting for one
 * another's time-out, until one is answered or enough are under way for the k misses of hard-down; then the target falls
 * back to its interval, dead or not. With each confirmation goes one attempt at another target, because hard-down needs
 * an answer from elsewhere inside the misses. Nothing exceeds the target's budget.
 *
 * @param nowMs - monotonic clock.
 * @param random - uniform in [0, 1); drawn once per liveness or loss attempt.
 */
export function next(state: ScheduleState, nowMs: number, random: () => number): ScheduleStep {
  const pass = new Pass(state, nowMs);
  for (const name of state.targets.keys()) {
    pass.liveness(name, random);
    pass.loss(name, random);
    pass.confirm(name, state.policy.confirmGapMs);
  }
  return pass.step();
}

class Pass {
  readonly #state: ScheduleState;
  readonly #nowMs: number;
  readonly #targets: Map<string, TargetState>;
  readonly #budgets: Map<string, AttemptBudget>;
  readonly #due: DueAttempt[] = [];
  #missed = 0;
  #withheld = 0;

  constructor(state: ScheduleState, nowMs: number) {
    this.#state = state;
    this.#nowMs = nowMs;
    this.#targets = new Map(state.targets);
    this.#budgets = new Map(state.budgets);
  }

  liveness(name: string, random: () => number): void {
    const target = this.#target(name);
    const { intervalMs, nextLivenessAtMs } = target;
    if (nextLivenessAtMs > this.#nowMs) return;
    this.#missed += missedSlots(this.#nowMs - nextLivenessAtMs, intervalMs);
    const gapMs = intervalMs * (1 + JITTER_RATIO * (2 * random() - 1));
    const onPhaseMs = nextLivenessAtMs + gapMs;
    const nextAtMs = onPhaseMs > this.#nowMs ? onPhaseMs : this.#nowMs + gapMs;
    this.#targets.set(name, { ...target, nextLivenessAtMs: nextAtMs });
    this.#attempt(name, 'liveness');
  }

  loss(name: string, random: () => number): void {
    const target = this.#target(name);
    const { lossMeanMs, nextLossAtMs } = target;
    if (nextLossAtMs > this.#nowMs) return;
    this.#missed += missedSlots(this.#nowMs - nextLossAtMs, lossMeanMs);
    this.#targets.set(name, { ...target, nextLossAtMs: this.#nowMs + exponentialMs(lossMeanMs, random()) });
    this.#attempt(name, 'loss');
  }

  confirm(name: string, gapMs: number): void {
    if (this.#target(name).nextConfirmAtMs > this.#nowMs) return;
    if (!isConfirming(this.#target(name))) {
      this.#targets.set(name, { ...this.#target(name), nextConfirmAtMs: Number.POSITIVE_INFINITY });
      return;
    }
    if (!this.#attempt(name, 'confirm')) {
      const freeMs = freeAtMs(this.#budget(name), this.#nowMs);
      this.#targets.set(name, { ...this.#target(name), nextConfirmAtMs: Math.max(freeMs, this.#nowMs + gapMs) });
      return;
    }
    const target = this.#target(name);
    this.#targets.set(name, {
      ...target,
      confirmations: target.confirmations + 1,
      lastConfirmAtMs: this.#nowMs,
      nextConfirmAtMs: this.#nowMs + gapMs,
    });
    this.#control(name);
  }

  step(): ScheduleStep {
    const targets = this.#targets;
    const wakeAtMs = [...targets.values()].reduce(
      (soonest, { nextLivenessAtMs, nextLossAtMs, nextConfirmAtMs }) =>
        Math.min(soonest, nextLivenessAtMs, nextLossAtMs, nextConfirmAtMs),
      Number.POSITIVE_INFINITY,
    );
    const state: ScheduleState = {
      ...this.#state,
      targets,
      budgets: this.#budgets,
      missedSchedules: this.#state.missedSchedules + this.#missed,
      withheldByBudget: this.#state.withheldByBudget + this.#withheld,
    };
    return { state, due: this.#due, wakeAtMs };
  }

  #control(confirmed: string): void {
    const free = controlOrder(this.#targets.values(), confirmed).find(
      ({ target }) => freeAtMs(this.#budget(target), this.#nowMs) <= this.#nowMs,
    );
    if (!free) return;
    this.#attempt(free.target, 'control');
    this.#targets.set(free.target, { ...this.#target(free.target), lastControlAtMs: this.#nowMs });
  }

  #attempt(name: string, schedule: Schedule): boolean {
    const budget = this.#budget(name);
    if (freeAtMs(budget, this.#nowMs) > this.#nowMs) {
      this.#withheld += 1;
      return false;
    }
    const target = this.#target(name);
    const sequence = target.nextSequence;
    this.#budgets.set(target.budget, spend(budget, this.#nowMs));
    this.#targets.set(name, {
      ...target,
      nextSequence: sequence + 1,
      outstanding: [...target.outstanding, { sequence, sentAtMs: this.#nowMs }],
    });
    this.#due.push({ target: name, schedule, sequence });
    return true;
  }

  #target(name: string): TargetState {
    const target = this.#targets.get(name);
    if (!target) throw new Error(`schedule has no target ${name}`);
    return target;
  }

  #budget(name: string): AttemptBudget {
    const budget = this.#budgets.get(this.#target(name).budget);
    if (!budget) throw new Error(`schedule has no budget for target ${name}`);
    return budget;
  }
}

function missedSlots(lateMs: number, intervalMs: number): number {
  return lateMs > intervalMs / 2 ? Math.max(1, Math.round(lateMs / intervalMs)) : 0;
}
