import type { Schedule } from '../../../wire/measurement.ts';
import { type AttemptBudget, freeAtMs, spend } from './attempt-budget.ts';
import { confirmDueAtMs, isConfirming } from './confirmation.ts';
import { controlOrder } from './control-choice.ts';
import {
  confirmBudgetOf,
  type DueAttempt,
  exponentialMs,
  type ScheduleState,
  type TargetState,
} from './schedule-state.ts';
import { slotAfterMs } from './target-pace.ts';
import { TRAFFIC_SHARE, trafficDueAtMs } from './traffic.ts';
import { lateAfterMs } from './usual-delay.ts';

/** Each liveness gap of the policy's pace is drawn from the interval plus or minus this share of it. */
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
 * While an attempt at a target that has answered before is late, and after a miss, confirmations go out as `confirmation.ts` spreads
 * them, without waiting for one another's time-out, until one is answered or enough are under way for the k misses of
 * hard-down; then the target falls back to its interval, dead or not. With each confirmation goes one attempt at another target, because hard-down needs
 * an answer from elsewhere inside the misses. Nothing exceeds the target's budget. A target with an assigned pace is asked
 * in its slots; two that are paired and due in the same pass carry the number of their pair.
 *
 * @param nowMs - monotonic clock.
 * @param random - uniform in [0, 1); drawn once per liveness or loss attempt.
 */
export function next(state: ScheduleState, nowMs: number, random: () => number): ScheduleStep {
  const pass = new Pass(state, nowMs);
  for (const name of state.targets.keys()) {
    pass.liveness(name, random);
    pass.loss(name, random);
    pass.confirm(name);
    pass.traffic(name);
  }
  pass.pairUp();
  return pass.step();
}

class Pass {
  readonly #state: ScheduleState;
  readonly #nowMs: number;
  readonly #targets: Map<string, TargetState>;
  readonly #budgets: Map<string, AttemptBudget>;
  #due: DueAttempt[] = [];
  #nextPair: number;
  #missed = 0;
  #withheld = 0;

  constructor(state: ScheduleState, nowMs: number) {
    this.#state = state;
    this.#nowMs = nowMs;
    this.#targets = new Map(state.targets);
    this.#budgets = new Map(state.budgets);
    this.#nextPair = state.nextPair;
  }

  liveness(name: string, random: () => number): void {
    const target = this.#target(name);
    const { intervalMs, nextLivenessAtMs } = target;
    if (nextLivenessAtMs > this.#nowMs) return;
    this.#missed += missedSlots(this.#nowMs - nextLivenessAtMs, intervalMs);
    const nextAtMs = target.pace
      ? slotAfterMs(target.pace, Math.max(this.#nowMs + 1, nextLivenessAtMs + intervalMs / 2))
      : this.#jittered(target, random);
    this.#targets.set(name, { ...target, lastLivenessAtMs: this.#nowMs, nextLivenessAtMs: nextAtMs });
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

  confirm(name: string): void {
    const { policy } = this.#state;
    if (this.#target(name).nextConfirmAtMs > this.#nowMs) return;
    const dueAtMs = confirmDueAtMs(this.#target(name), policy, this.#nowMs);
    if (dueAtMs > this.#nowMs || !isConfirming(this.#target(name), this.#nowMs)) {
      this.#targets.set(name, { ...this.#target(name), nextConfirmAtMs: dueAtMs });
      return;
    }
    if (!this.#attempt(name, 'confirm')) {
      const nextConfirmAtMs = Math.max(this.#freeAtMs(name, 'confirm'), this.#nowMs + policy.confirmGapMs);
      this.#targets.set(name, { ...this.#target(name), nextConfirmAtMs });
      return;
    }
    const target = this.#target(name);
    const confirmed = { ...target, confirmations: target.confirmations + 1, lastConfirmAtMs: this.#nowMs };
    const nextConfirmAtMs = confirmDueAtMs(confirmed, policy, this.#nowMs);
    this.#targets.set(name, { ...confirmed, nextConfirmAtMs });
    this.#control(name);
  }

  /** What cannot be spared for it is not made up for: the next may be due after another gap. */
  traffic(name: string): void {
    if (this.#target(name).nextTrafficAtMs > this.#nowMs) return;
    const isDue = trafficDueAtMs(this.#target(name), this.#nowMs) <= this.#nowMs;
    if (isDue && this.#canSpare(name)) this.#attempt(name, 'control');
    const target = this.#target(name);
    const lastSentAtMs = isDue ? this.#nowMs : target.lastSentAtMs;
    const nextTrafficAtMs = trafficDueAtMs({ ...target, lastSentAtMs }, this.#nowMs);
    this.#targets.set(name, { ...target, nextTrafficAtMs });
  }

  pairUp(): void {
    const inTurn = new Map(
      this.#due.flatMap((due) => (due.schedule === 'liveness' ? [[due.target, due] as const] : [])),
    );
    const pairOf = new Map<string, number>();
    for (const name of inTurn.keys()) {
      const other = this.#target(name).pace?.pairedWith;
      if (other === undefined || !inTurn.has(other) || pairOf.has(name) || pairOf.has(other)) continue;
      pairOf.set(name, this.#nextPair).set(other, this.#nextPair);
      this.#nextPair += 1;
    }
    if (pairOf.size === 0) return;
    this.#due = this.#due.map((due) => {
      const pair = due.schedule === 'liveness' ? pairOf.get(due.target) : undefined;
      return pair === undefined ? due : { ...due, pair };
    });
  }

  step(): ScheduleStep {
    const targets = this.#targets;
    const wakeAtMs = [...targets.values()].reduce(
      (soonest, { nextLivenessAtMs, nextLossAtMs, nextConfirmAtMs, nextTrafficAtMs }) =>
        Math.min(soonest, nextLivenessAtMs, nextLossAtMs, nextConfirmAtMs, nextTrafficAtMs),
      Number.POSITIVE_INFINITY,
    );
    const state: ScheduleState = {
      ...this.#state,
      targets,
      budgets: this.#budgets,
      missedSchedules: this.#state.missedSchedules + this.#missed,
      withheldByBudget: this.#state.withheldByBudget + this.#withheld,
      nextPair: this.#nextPair,
    };
    return { state, due: this.#due, wakeAtMs };
  }

  #control(confirmed: string): void {
    const free = controlOrder(this.#targets.values(), confirmed).find(
      ({ target }) => this.#freeAtMs(target, 'control') <= this.#nowMs,
    );
    if (!free) return;
    this.#attempt(free.target, 'control');
    this.#targets.set(free.target, { ...this.#target(free.target), lastControlAtMs: this.#nowMs });
  }

  /** Slots alone keep to the budget; held against a sliding minute they would fall out whenever one came a millisecond late. */
  #attempt(name: string, schedule: Schedule): boolean {
    const target = this.#target(name);
    const isSlot = schedule === 'liveness' && target.pace !== undefined && target.lossMeanMs === 0;
    if (!isSlot && this.#freeAtMs(name, schedule) > this.#nowMs) {
      this.#withheld += 1;
      return false;
    }
    const sequence = target.nextSequence;
    for (const [key, budget] of this.#budgetsFor(name, schedule)) this.#budgets.set(key, spend(budget, this.#nowMs));
    const lateAtMs = target.run.hasAnswered ? this.#nowMs + lateAfterMs(target.usualDelay) : Number.POSITIVE_INFINITY;
    this.#targets.set(name, {
      ...target,
      nextSequence: sequence + 1,
      lastSentAtMs: this.#nowMs,
      nextConfirmAtMs: Math.min(target.nextConfirmAtMs, lateAtMs),
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

  #jittered({ intervalMs, nextLivenessAtMs }: TargetState, random: () => number): number {
    const gapMs = intervalMs * (1 + JITTER_RATIO * (2 * random() - 1));
    const onPhaseMs = nextLivenessAtMs + gapMs;
    return onPhaseMs > this.#nowMs ? onPhaseMs : this.#nowMs + gapMs;
  }

  #freeAtMs(name: string, schedule: Schedule): number {
    return Math.max(...this.#budgetsFor(name, schedule).map(([, budget]) => freeAtMs(budget, this.#nowMs)));
  }

  /** Traffic alone takes no more than its share of what is there to confirm a miss with. */
  #canSpare(name: string): boolean {
    return this.#budgetsFor(name, 'control').every(([key, { perMinute, sentAtMs }]) => {
      const isForConfirming = key === confirmBudgetOf(name);
      const share = isForConfirming || !this.#budgets.has(confirmBudgetOf(name)) ? TRAFFIC_SHARE : 1;
      return freeAtMs({ perMinute: Math.floor(perMinute * share), sentAtMs }, this.#nowMs) <= this.#nowMs;
    });
  }

  /** What an attempt is booked on: the target's budget, and for confirmations and controls also that which an assignment sets apart. */
  #budgetsFor(name: string, schedule: Schedule): readonly (readonly [string, AttemptBudget])[] {
    const { budget } = this.#target(name);
    const isExtra = schedule === 'confirm' || schedule === 'control';
    const keys = isExtra ? [budget, confirmBudgetOf(name)] : [budget];
    const found = keys.flatMap((key) => {
      const own = this.#budgets.get(key);
      return own ? [[key, own] as const] : [];
    });
    if (found.length === 0) throw new Error(`schedule has no budget for target ${name}`);
    return found;
  }
}

function missedSlots(lateMs: number, intervalMs: number): number {
  return lateMs > intervalMs / 2 ? Math.max(1, Math.round(lateMs / intervalMs)) : 0;
}
