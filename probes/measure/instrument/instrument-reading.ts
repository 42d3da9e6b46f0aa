import type { InstrumentReading } from '../../../wire/measurement.ts';

/** Event-loop delay as a histogram of timer gaps gives it: each value includes the timer's own period. */
export type LoopDelay = {
  /** Values recorded; with 0 the other two mean nothing. */
  readonly count: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** Period of the sampling timer. */
  readonly resolutionMs: number;
};

/** Self-probes that were settled in one interval. */
export type SelfProbes = { readonly lost: number; readonly rttsMs: readonly number[] };

/** Counters kept elsewhere in the probe, since the instance started. */
export type InstrumentCounters = { readonly missedSchedules: number; readonly droppedMeasurements: number };

/**
 * Sums up how good the instrument was in one interval.
 *
 * @param intervalMs - length of the interval; where the loop was blocked it is longer than planned, and where no timer
 *   fired at all (`count` 0) its whole length is the delay.
 */
export function summariseInstrument(
  delay: LoopDelay,
  selfProbes: SelfProbes,
  counters: InstrumentCounters,
  intervalMs: number,
): InstrumentReading {
  const delayMs = (valueNs: number) =>
    delay.count === 0 ? intervalMs : Math.max(0, valueNs / 1e6 - delay.resolutionMs);
  const rttMs = median(selfProbes.rttsMs);
  return {
    eventLoopDelayP99Ms: delayMs(delay.p99Ns),
    eventLoopDelayMaxMs: delayMs(delay.maxNs),
    selfProbeSent: selfProbes.rttsMs.length + selfProbes.lost,
    selfProbeLost: selfProbes.lost,
    ...(rttMs === undefined ? {} : { selfProbeRttMs: rttMs }),
    missedSchedules: counters.missedSchedules,
    droppedMeasurements: counters.droppedMeasurements,
    intervalMs,
  };
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
