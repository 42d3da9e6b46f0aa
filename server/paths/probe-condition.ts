import type { InstrumentReading } from '../../wire/measurement.ts';
import { type LatestAnswers, NO_ANSWERS } from './latest-answers.ts';
import { instrumentFault, type SickPolicy } from './sick-rule.ts';
import { addStretch, isWithin, NEVER_SICK, type SickStretch } from './sick-stretches.ts';

/** How a probe itself is doing; every one of its paths is judged in this light. Times are hub time. */
export type ProbeCondition = {
  readonly instanceId: string | undefined;
  readonly lastHeardAtMs: number | undefined;
  /** Age of the newest measurement of its last batch when sent: large while a queue from an outage is worked off. */
  readonly backlogMs: number;
  /** The last fault of its instrument, in force until `sickUntilMs`. */
  readonly sickness: string | undefined;
  readonly sickUntilMs: number;
  /** When it was sick in the last hour, oldest first: bad readings that follow on one another are one stretch. */
  readonly sickStretches: readonly SickStretch[];
  readonly answers: LatestAnswers;
};

/** A probe that has not spoken. */
export const UNHEARD_PROBE: ProbeCondition = {
  instanceId: undefined,
  lastHeardAtMs: undefined,
  backlogMs: 0,
  sickness: undefined,
  sickUntilMs: 0,
  sickStretches: NEVER_SICK,
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
  const sickUntilMs = nowMs + policy.sickForMs;
  const sickStretches = addStretch(probe.sickStretches, {
    sinceMs: Math.max(0, Math.floor(nowMs - reading.intervalMs)),
    untilMs: Math.ceil(sickUntilMs),
  });
  return { ...probe, sickness, sickUntilMs, sickStretches };
}

/** True for a time within a stretch of sickness of the last hour, and for any time while one goes on. */
export function isSickAt({ sickStretches, sickUntilMs }: ProbeCondition, atMs: number, nowMs: number): boolean {
  return nowMs < sickUntilMs || isWithin(sickStretches, atMs);
}
