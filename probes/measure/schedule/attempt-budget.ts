/** Width of the sliding window that a budget holds in. */
const WINDOW_MS = 60_000;

/** Attempts that may go to one target, or to all targets that name the same budget, in any 60 seconds. */
export type AttemptBudget = {
  readonly perMinute: number;
  /** Monotonic times of the attempts of the last 60 s, oldest first. */
  readonly sentAtMs: readonly number[];
};

/** A budget that nothing has been spent of. */
export function newBudget(perMinute: number): AttemptBudget {
  return { perMinute, sentAtMs: [] };
}

/** When the next attempt may be made: `nowMs` itself, when the oldest attempt leaves the window, or never for a budget of 0. */
export function freeAtMs(budget: AttemptBudget, nowMs: number): number {
  if (budget.perMinute <= 0) return Number.POSITIVE_INFINITY;
  const recent = within(budget, nowMs);
  const blocking = recent[recent.length - budget.perMinute];
  return blocking === undefined ? nowMs : blocking + WINDOW_MS;
}

/** Books one attempt made now. The caller has asked {@link freeAtMs} before. */
export function spend(budget: AttemptBudget, nowMs: number): AttemptBudget {
  return { ...budget, sentAtMs: [...within(budget, nowMs), nowMs] };
}

function within(budget: AttemptBudget, nowMs: number): readonly number[] {
  return budget.sentAtMs.filter((atMs) => atMs > nowMs - WINDOW_MS);
}
