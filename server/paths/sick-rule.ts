import type { InstrumentReading } from '../../wire/measurement.ts';

/** How bad a probe's own instrument may be before its figures abstain (safety rule 1). */
export type SickPolicy = {
  /** Event-loop delay, 99th percentile, milliseconds. */
  readonly sickEventLoopMs: number;
  /** Event-loop delay, maximum of the interval, milliseconds: one stall of this length spoils every time-out in it. */
  readonly sickEventLoopMaxMs: number;
  /** Median round trip of the loopback self-probe, milliseconds. */
  readonly sickSelfProbeMs: number;
  /** A probe stays sick for so long after its last bad reading. */
  readonly sickForMs: number;
};

/**
 * Judges one reading of a probe's instrument.
 *
 * @returns what is wrong, as a clause with its figures, or undefined for a sound instrument. A self-probe lost on loopback
 *   is always wrong; none sent is no reading of it.
 */
export function instrumentFault(reading: InstrumentReading, policy: SickPolicy): string | undefined {
  const { eventLoopDelayP99Ms, eventLoopDelayMaxMs, selfProbeSent, selfProbeLost, selfProbeRttMs } = reading;
  if (eventLoopDelayP99Ms > policy.sickEventLoopMs) {
    return `event-loop delay p99 ${shown(eventLoopDelayP99Ms)} ms exceeds ${policy.sickEventLoopMs} ms`;
  }
  if (eventLoopDelayMaxMs > policy.sickEventLoopMaxMs) {
    return `event loop stalled ${shown(eventLoopDelayMaxMs)} ms, more than ${policy.sickEventLoopMaxMs} ms`;
  }
  if (selfProbeLost > 0) return `self-probe lost ${selfProbeLost} of ${selfProbeSent} on loopback`;
  if (selfProbeRttMs !== undefined && selfProbeRttMs > policy.sickSelfProbeMs) {
    return `self-probe took ${shown(selfProbeRttMs)} ms, more than ${policy.sickSelfProbeMs} ms`;
  }
  return undefined;
}

function shown(ms: number): string {
  return String(Math.round(ms * 10) / 10);
}
