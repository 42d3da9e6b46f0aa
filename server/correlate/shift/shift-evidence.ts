import type { EventCounts } from '../path-evidence.ts';
import { NO_EVENTS } from '../path-evidence.ts';
import type { Sight } from '../sight.ts';
import type { LaneSays } from './shift-book.ts';

/** Chance that a path which a fault touches shows it: the shift may stay within what the path scatters anyway. */
const SHOWN = 0.995;
/** Share of time that a healthy path is shifted by itself, in stretches of a mean length: a queue somewhere, a detour. */
const OWN_SHARE = 0.005;
const OWN_LENGTH_MS = 60_000;
/** Beyond this length a stretch says no more. */
const LONGEST_MS = 600_000;

/** What the paths of a space say of one symptom, in its order. */
export type ShiftEvidence = {
  /**
   * Per path the logarithm of how much likelier its figures are under a fault than without one; 0 where it says nothing. Paths
   * between the same two PBXs that say the same are one way measured twice, and count half each.
   */
  readonly logRatios: Float64Array;
  /** One trial a path that says anything, one event a shifted one: what witnesses are counted by. */
  readonly counts: readonly EventCounts[];
};

const CLEAN: EventCounts = { events: 0, trials: 1, continued: 0 };
const SHIFTED: EventCounts = { events: 1, trials: 1, continued: 0 };

/**
 * Weighs what each path says. A stretch of its own that has lasted t is as rare as e^(-t / 60 s), so single paths need minutes
 * where several that begin together need seconds; how many samples showed it adds nothing, for they hang together.
 *
 *     shifted for t:  ln (0.995 / 0.005) + t / 60 s        clean:  ln (0.005 / 0.995)
 */
export function shiftEvidence({ nowMs, space }: Sight, says: readonly LaneSays[]): ShiftEvidence {
  const logRatios = new Float64Array(says.length);
  const counts = says.map(({ kind }) => (kind === 'shifted' ? SHIFTED : kind === 'clean' ? CLEAN : NO_EVENTS));
  says.forEach((each, path) => {
    if (each.kind === 'clean') logRatios[path] = Math.log((1 - SHOWN) / (1 - OWN_SHARE));
    if (each.kind !== 'shifted') return;
    const lengthMs = Math.max(0, Math.min(LONGEST_MS, nowMs - each.sinceMs));
    logRatios[path] = Math.log(SHOWN / OWN_SHARE) + lengthMs / OWN_LENGTH_MS;
  });
  for (const { pathIndices, place } of space.hypotheses) {
    const [one, other] = pathIndices;
    if (place.kind !== 'path' || one === undefined || other === undefined) continue;
    if ((logRatios[one] ?? 0) * (logRatios[other] ?? 0) <= 0) continue;
    logRatios[one] = (logRatios[one] ?? 0) / 2;
    logRatios[other] = (logRatios[other] ?? 0) / 2;
  }
  return { logRatios, counts };
}
