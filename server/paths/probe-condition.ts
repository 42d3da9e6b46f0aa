import type { InstrumentReading } from '../../wire/measurement.ts';
import { type LatestAnswers, NO_ANSWERS } from './latest-answers.ts';
import { instrumentFault, type SickPolicy } from './sick-rule.ts';

/** How a probe itself is doing; every one of its paths is judged in this light. Times are hub time. */
export type ProbeCondition = {
  readonly instanceId: string | undefined;
  readonly lastHeardAtMs: number | undefined;
  /** Age of the newest measurement of its last batch when sent: large while a queue from an outage is worked off. */
  readonly backlogMs: number;
  /** The last fault of its instrument, in force until `sickUntilMs`. */
  readonly sickness: string | undefined;
  /** Beginning of the stretch of sickness that ends with `sickUntilMs`: bad readings that follow on one another are one. */
  readonly sickSinceMs: number;
  readonly sickUntilMs: number;
  readonly answers: LatestAnswers;
};

/** A probe that has not spoken. */
export const UNHEARD_PROBE: ProbeCondition = {
  instanceId: undefined,
  lastHeardAtMs: undefined,
  backlogMs: 0,
  sickness: undefined,
  sickSinceMs: 0,
  sickUntilMs: 0,
  answers: NO_ANSWERS,
};

/** Notes that an instance of the probe spoke. Answers of another instance are on another clock and are forgotten. */
export function hearProbe(probe: ProbeCondition, instanceId: string, nowMs: number): ProbeCondition {
  const answers = probe.instanceId === instanceId ? probe.answers : NO_ANSWERS;
  return { ...probe, instanceId, lastHeardAtMs: nowMs, answers };
}

/** Applies the sick rule: each bad reading makes the probe abstain for `sickForMs`. */
export function readInstrument(
  probe: ProbeCondition,
  reading: InstrumentReading,
  policy: SickPolicy,
  nowMs: number,
): ProbeCondition {
  const sickness = instrumentFault(reading, policy);
  if (sickness === undefined) return probe;
  const sickSinceMs = nowMs < probe.sickUntilMs ? probe.sickSinceMs : nowMs - reading.intervalMs;
  return { ...probe, sickness, sickSinceMs, sickUntilMs: nowMs + policy.sickForMs };
}

/** True for a time within the last stretch of sickness, and for any time while it goes on. */
export function isSickAt({ sickSinceMs, sickUntilMs }: ProbeCondition, atMs: number, nowMs: number): boolean {
  return nowMs < sickUntilMs || (atMs >= sickSinceMs && atMs < sickUntilMs);
}
