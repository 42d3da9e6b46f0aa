import type { LivePath } from '../../../wire/live.ts';

/** One reading of a path's figures, as the hub sent them; the figures themselves are over the path's window. */
export type HistoryPoint = {
  readonly atEpochMs: number;
  readonly lossRatio: number | null;
  readonly rttP50Ms: number | null;
  readonly rttP95Ms: number | null;
};

/** Points of one path since this page was opened. */
export type History = readonly HistoryPoint[];

/** Least time between two points, most points kept, and the silence after which a line is broken. */
export const HISTORY_LIMITS = { spacingMs: 2000, points: 300, gapMs: 20_000 } as const;

/**
 * Adds the figures of a path. A reading too soon after the last point replaces nothing and is left out; after a silence
 * an empty point is put in between, so that no line is drawn over time nobody watched.
 *
 * @param atEpochMs - the hub's clock.
 */
export function addPoint(history: History, path: LivePath, atEpochMs: number): History {
  const last = history.at(-1);
  if (last !== undefined && atEpochMs - last.atEpochMs < HISTORY_LIMITS.spacingMs) return history;
  const isKnown = path.state !== 'unknown' && path.sent > 0;
  const hasRtt = isKnown && path.rttN > 0;
  const point: HistoryPoint = {
    atEpochMs,
    lossRatio: isKnown ? path.lost / path.sent : null,
    rttP50Ms: hasRtt ? (path.rttP50Ms ?? null) : null,
    rttP95Ms: hasRtt ? (path.rttP95Ms ?? null) : null,
  };
  const isGap = last !== undefined && atEpochMs - last.atEpochMs > HISTORY_LIMITS.gapMs;
  const blank = { atEpochMs: (last?.atEpochMs ?? 0) + 1, lossRatio: null, rttP50Ms: null, rttP95Ms: null };
  return [...history, ...(isGap ? [blank] : []), point].slice(-HISTORY_LIMITS.points);
}
