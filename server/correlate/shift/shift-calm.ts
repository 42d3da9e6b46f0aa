import { type Calm, MIN_QUIET_MS, type Trouble } from '../quiet.ts';
import type { Sight } from '../sight.ts';
import type { ShiftView } from './shift-view.ts';

/** How long before the quiet began a shift may have become the baseline, so that this is what ended it. */
const SETTLED_BEFORE_MS = 10_000;

/**
 * Judges whether an open shift is over: no path of the place is off its baseline any more, nor in doubt, for the least quiet. A path
 * that testified and gives no figures keeps it open (safety rule 2).
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
  const isTroubled = insidePaths.some((path) => {
    const { kind } = view.says(path, nowMs);
    return kind === 'shifted' || kind === 'unsure';
  });
  if (isTroubled || quietSinceMs === undefined) return { kind: 'waiting', quietSinceMs: nowMs };
  if (nowMs - quietSinceMs < minQuietMs) return { kind: 'waiting', quietSinceMs };
  const isSettled = witnessPaths.some((path) => view.isSettledSince(path, quietSinceMs - SETTLED_BEFORE_MS));
  return {
    kind: 'over',
    quietSinceMs,
    ...(isSettled && { ending: 'it has stood for hours and is now taken as usual' }),
  };
}
