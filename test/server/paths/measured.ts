import type { PathRef } from '../../../server/paths/path-health.ts';
import type { IcmpMeasurement, InstrumentReading, Schedule, SipOptionsMeasurement } from '../../../wire/measurement.ts';

/** An OPTIONS attempt that was answered after 20 ms. */
export function answered(target: string, sentAtMs: number, schedule: Schedule = 'liveness'): SipOptionsMeasurement {
  const outcome = { kind: 'answered' as const, rttMs: 20, statusCode: 200 };
  return { kind: 'sip-options', target, sequence: 0, schedule, sentAtMs, outcome };
}

/** An OPTIONS attempt that timed out after 500 ms. */
export function missed(target: string, sentAtMs: number, schedule: Schedule = 'liveness'): SipOptionsMeasurement {
  const outcome = { kind: 'timed-out' as const, waitedMs: 500 };
  return { kind: 'sip-options', target, sequence: 0, schedule, sentAtMs, outcome };
}

/** An OPTIONS attempt with any other outcome. */
export function attempted(
  target: string,
  sentAtMs: number,
  outcome: SipOptionsMeasurement['outcome'],
): SipOptionsMeasurement {
  return { kind: 'sip-options', target, sequence: 0, schedule: 'liveness', sentAtMs, outcome };
}

/** An ICMP echo, answered after 10 ms or lost. */
export function echoed(target: string, sentAtMs: number, isAnswered: boolean): IcmpMeasurement {
  const outcome = isAnswered
    ? { kind: 'answered' as const, rttMs: 10 }
    : { kind: 'timed-out' as const, waitedMs: 1000 };
  return { kind: 'icmp', target, sequence: 0, schedule: 'liveness', sentAtMs, outcome };
}

/** A sound instrument, with what is told otherwise. */
export function instrument(parts: Partial<InstrumentReading> = {}): InstrumentReading {
  return {
    eventLoopDelayP99Ms: 2,
    eventLoopDelayMaxMs: 5,
    selfProbeSent: 1,
    selfProbeLost: 0,
    selfProbeRttMs: 0.3,
    missedSchedules: 0,
    droppedMeasurements: 0,
    intervalMs: 1000,
    ...parts,
  };
}

/** A path from `pbx` (its site is the part before the dash) to a trunk's edge, by the target `TRUNK.EDGE`. */
export function trunkPath(pbx: string, provider: string, target: string): PathRef {
  const [trunk = '', edge = ''] = target.split('.');
  const site = pbx.split('-')[0] ?? pbx;
  return { key: `${pbx}>${target}`, pbx, site, target, end: { kind: 'trunk', provider, trunk, edge } };
}
