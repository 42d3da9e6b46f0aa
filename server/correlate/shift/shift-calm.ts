import { upperTail } from '../binomial-tail.ts';
import type { PathEvidence } from '../path-evidence.ts';
import { type Calm, MIN_QUIET_MS, type Trouble } from '../quiet.ts';
import type { Sight } from '../sight.ts';
import type { ShiftView } from './shift-view.ts';

/** How long before the quiet began a shift may have become the baseline, so that this is what ended it. */
const SETTLED_BEFORE_MS = 10_000;

/** Share of time that a healthy path is in a stretch of its own or in doubt; and the chance from which so many at once are no more than that. */
const OWN_RATIO = 0.01;
const USUAL_CHANCE = 0.01;

/**
 * Judges whether an open shift is over: for the least quiet no more paths of the place are off their baseline or in doubt than
 * stretches of their own explain, and of those that testified none, unless there are so many that one at least is to be expected. A
 * path that testified and gives no figures keeps it open (safety rule 2).
 */
export function judgeShiftCalm(
  view: ShiftView,
  { insidePaths, quietSinceMs, witnessPaths }: Trouble,
  sight: Sight,
): Calm {
  const { minQuietMs = MIN_QUIET_MS, nowMs } = sight;
  if (insidePaths.length === 0) return { kind: 'gone' };
  const missing = witnessPaths.filter((path) => view.says(path, nowMs).kind === 'none');
  if (missing.length > 0) return { kind: 'missing', paths: missing };
  const isOff = (path: PathEvidence) => ['shifted', 'unsure'].includes(view.says(path, nowMs).kind);
  const witnessesOff = witnessPaths.filter(isOff).length;
  const isWitnessOff =
    witnessesOff > 0 && (witnessPaths.length * OWN_RATIO < 1 || !isUsual(witnessesOff, witnessPaths));
  const isTroubled = isWitnessOff || !isUsual(insidePaths.filter(isOff).length, insidePaths);
  if (isTroubled || quietSinceMs === undefined) return { kind: 'waiting', quietSinceMs: nowMs };
  if (nowMs - quietSinceMs < minQuietMs) return { kind: 'waiting', quietSinceMs };
  const isSettled = witnessPaths.some((path) => view.isSettledSince(path, quietSinceMs - SETTLED_BEFORE_MS));
  return {
    kind: 'over',
    quietSinceMs,
    ...(isSettled && { ending: 'it has stood for hours and is now taken as usual' }),
  };
}

function isUsual(off: number, paths: readonly PathEvidence[]): boolean {
  return upperTail(off, paths.length, OWN_RATIO) >= USUAL_CHANCE;
}
