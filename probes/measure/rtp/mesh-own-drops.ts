import type { MeshIdleMeasurement } from '../../../wire/rtp-measurement.ts';

/** How many more reports of each direction must not be made, since a host itself dropped packets of it. */
export type DropTaint = { forward: number; reverse: number; marks: number | undefined };

/** Why a direction is not reported, by direction. */
export type Abstention = {
  readonly forward?: MeshIdleMeasurement['because'];
  readonly reverse?: MeshIdleMeasurement['because'];
};

/** Packets that left later than this after their slots, 99th percentile, are no stream that a call would send. */
export const MOST_LATE_MS = 20;

/** Drops are noticed after they happened: they may belong to the interval that closes next, or to the one after it. */
const TAINTED_REPORTS = 2;

/** Nothing was dropped yet. */
export function newDropTaint(): DropTaint {
  return { forward: 0, reverse: 0, marks: undefined };
}

/** Takes what a reply says of the reflector's own drops; a change taints the way there. Changes the taint in place. */
export function takeDropMarks(taint: DropTaint, marks: number): void {
  if (taint.marks !== undefined && taint.marks !== marks) taint.forward = TAINTED_REPORTS;
  taint.marks = marks;
}

/** Drops in front of our own socket taint the way back. Changes the taint in place. */
export function takeOwnDrops(taint: DropTaint): void {
  taint.reverse = TAINTED_REPORTS;
}

/**
 * Decides, once for each report, which directions are not reported. Changes the taint in place.
 *
 * @param pacingLateP99Ms - of the report's own packets; a host that sends so late receives no better.
 */
export function abstentionOf(taint: DropTaint, pacingLateP99Ms: number | undefined, mostLateMs: number): Abstention {
  const late = (pacingLateP99Ms ?? 0) > mostLateMs ? 'late-pacing' : undefined;
  const forward = taint.forward > 0 ? 'own-drops' : late;
  const reverse = taint.reverse > 0 ? 'own-drops' : late;
  taint.forward = Math.max(0, taint.forward - 1);
  taint.reverse = Math.max(0, taint.reverse - 1);
  return { ...(forward && { forward }), ...(reverse && { reverse }) };
}
