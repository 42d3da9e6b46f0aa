import type { TestCallDuty } from '../wire/assignment.ts';

/** When the next test call to each target is due, monotonic milliseconds. */
export type CallSchedule = ReadonlyMap<string, { readonly duty: TestCallDuty; readonly nextAtMs: number }>;

/** Least wait after an assignment, so that a restart does not itself place calls. */
const SETTLE_MS = 1000;

/**
 * Takes over an assignment, whole: a duty that stays as it was keeps its time.
 *
 * @param offsetMs - hub's wall clock minus our monotonic one.
 */
export function assignCalls(
  schedule: CallSchedule,
  duties: readonly TestCallDuty[],
  offsetMs: number,
  nowMs: number,
): CallSchedule {
  return new Map(
    duties.map((duty) => {
      const known = schedule.get(duty.target);
      const isSame = known?.duty.everyMs === duty.everyMs && known.duty.phaseMs === duty.phaseMs;
      return [duty.target, isSame ? known : { duty, nextAtMs: slotAfter(duty, offsetMs, nowMs + SETTLE_MS) }];
    }),
  );
}

/** Targets that are due, and the schedule with their next times. Slots that were slept through are not made up for. */
export function dueCalls(
  schedule: CallSchedule,
  nowMs: number,
): { readonly due: readonly string[]; readonly schedule: CallSchedule } {
  const due = [...schedule].flatMap(([target, { nextAtMs }]) => (nextAtMs <= nowMs ? [target] : []));
  const next = new Map(
    [...schedule].map(([target, { duty, nextAtMs }]) => {
      const missed = nextAtMs <= nowMs ? Math.floor((nowMs - nextAtMs) / duty.everyMs) + 1 : 0;
      return [target, { duty, nextAtMs: nextAtMs + missed * duty.everyMs }];
    }),
  );
  return { due, schedule: next };
}

function slotAfter({ everyMs, phaseMs }: TestCallDuty, offsetMs: number, fromMs: number): number {
  const first = phaseMs - offsetMs;
  return first + Math.ceil((fromMs - first) / everyMs) * everyMs;
}
