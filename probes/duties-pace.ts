import type { OptionsDuty } from '../wire/assignment.ts';
import type { TargetPaces } from './measure/schedule/schedule-state.ts';
import type { TargetPace } from './measure/schedule/target-pace.ts';

/** Without a hub for so long every probe goes by its pace for being alone. */
export const ALONE_AFTER_MS = 30_000;

/** The hub's clock as last heard. */
export type HubClock = {
  /** Hub's wall clock minus this probe's monotonic clock, milliseconds. */
  readonly offsetMs: number;
};

/**
 * Paces of the schedule that follow from what the hub has assigned.
 *
 * @param isAlone - no hub is heard: then everybody asks at the fair share, also who inherits otherwise.
 */
export function pacesOf(duties: readonly OptionsDuty[], clock: HubClock, isAlone: boolean): TargetPaces {
  return new Map(duties.map((duty) => [duty.target, isAlone ? alonePace(duty, clock) : assignedPace(duty, clock)]));
}

function assignedPace(duty: OptionsDuty, { offsetMs }: HubClock): TargetPace {
  const { intervalMs, lossMeanMs, perMinute, phaseMs, pairedWith } = duty;
  return {
    isAsked: duty.role === 'witness',
    intervalMs,
    slotAtMs: phaseMs - offsetMs,
    lossMeanMs,
    perMinute,
    confirmPerMinute: duty.confirmPerMinute ?? perMinute,
    pairedWith,
  };
}

function alonePace(duty: OptionsDuty, { offsetMs }: HubClock): TargetPace {
  const { aloneIntervalMs, alonePhaseMs = duty.phaseMs, perMinute } = duty;
  return {
    isAsked: true,
    intervalMs: aloneIntervalMs,
    slotAtMs: alonePhaseMs - offsetMs,
    lossMeanMs: 0,
    perMinute,
    confirmPerMinute: duty.confirmPerMinute ?? perMinute,
    pairedWith: undefined,
  };
}
