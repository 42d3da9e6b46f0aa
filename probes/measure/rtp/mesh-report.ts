import type { MeshIdleMeasurement, MeshMeasurement } from '../../../wire/rtp-measurement.ts';
import type { MeshTask } from './mesh-messages.ts';
import type { Abstention } from './mesh-own-drops.ts';
import type { SenderReport } from './mesh-sender.ts';

/** How many reports of each direction a session has sent. */
export type ReportCounts = { forward: number; reverse: number };

/**
 * Makes measurements of one interval's report. An interval of which no reply told anything is `reflector-silent`, or
 * `no-reflector` where none ever answered; in neither case is it loss, since nobody here can tell the way there from the way
 * back or from a peer that is gone.
 *
 * @param counts - counted up in place, for what is reported.
 * @param abstention - directions that are not reported, and why: one `rtp-mesh-idle` for each reason.
 */
export function reportMeasurements(
  task: MeshTask,
  report: SenderReport,
  counts: ReportCounts,
  hasAnswered: boolean,
  abstention: Abstention = {},
): readonly (MeshMeasurement | MeshIdleMeasurement)[] {
  const { forward, intervalMs, reverse, startedAtMs, unresolved } = report;
  if (!forward) {
    if (unresolved === 0) return [];
    return [idle(task, hasAnswered ? 'reflector-silent' : 'no-reflector', startedAtMs + intervalMs)];
  }
  const base = {
    kind: 'rtp-mesh',
    target: task.target,
    session: task.session,
    startedAtMs,
    intervalMs,
    packetMs: task.packetMs,
    payloadBytes: task.payloadBytes,
  } as const;
  const reasons = new Set([abstention.forward, reverse && abstention.reverse].filter((reason) => reason !== undefined));
  const measurements: (MeshMeasurement | MeshIdleMeasurement)[] = [...reasons].map((because) =>
    idle(task, because, startedAtMs + intervalMs),
  );
  if (!abstention.forward) {
    measurements.push({
      ...base,
      direction: 'forward',
      sequence: counts.forward++,
      figures: forward,
      ...(unresolved > 0 && { unresolved }),
    });
  }
  if (reverse && !abstention.reverse) {
    const { figures, rtt } = reverse;
    measurements.push({ ...base, direction: 'reverse', sequence: counts.reverse++, figures, rtt });
  }
  return measurements;
}

/** Says that an assigned stream does not run, or is not heard. */
export function idle(
  { session, target }: MeshTask,
  because: MeshIdleMeasurement['because'],
  observedAtMs: number,
): MeshIdleMeasurement {
  return { kind: 'rtp-mesh-idle', target, session, observedAtMs, because };
}
