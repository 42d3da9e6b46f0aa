import type { PathHealth } from '../paths/path-health.ts';
import { type ChangePoint, findChange } from './change-point.ts';
import type { PathEvidence } from './path-evidence.ts';
import type { Verdict } from './verdict.ts';

/** Seconds are kept so far back. */
const MEMORY_MS = 300_000;
/** Most paths whose seconds are looked at, evenly spread: with so many the second is sure. */
const MAX_PATHS = 60;

/**
 * When the trouble of a verdict began, not later than it was opened.
 *
 * @param paths - those of its place.
 * @returns undefined for a symptom, or a path, of which nothing tells.
 */
export function sinceWhen(
  { openedAtMs, symptom }: Pick<Verdict, 'openedAtMs' | 'symptom'>,
  paths: readonly PathEvidence[],
  nowMs: number,
): ChangePoint | undefined {
  if (symptom === 'loss') {
    const step = Math.max(1, Math.ceil(paths.length / MAX_PATHS));
    const seconds = paths.flatMap(({ secondsSince }, at) =>
      at % step === 0 && secondsSince ? [secondsSince(nowMs - MEMORY_MS)] : [],
    );
    return findChange(seconds, openedAtMs);
  }
  const [only] = paths;
  return only && (symptom === 'probe-blocked' || symptom === 'unmeasurable')
    ? silentSince(only.health, openedAtMs)
    : undefined;
}

/** Silence begins between the last answer and the next attempt; without any answer it is as old as the path, or older. */
function silentSince({ intervalMs, lastAnsweredAtMs, sinceMs }: PathHealth, openedAtMs: number): ChangePoint {
  if (lastAnsweredAtMs === undefined) {
    return { atMs: undefined, lowMs: undefined, highMs: Math.min(openedAtMs, sinceMs) };
  }
  const lowMs = Math.min(openedAtMs, lastAnsweredAtMs);
  const nextMs = Math.min(openedAtMs, lowMs + (intervalMs ?? openedAtMs - lowMs));
  return { atMs: nextMs, lowMs, highMs: nextMs };
}

/** True when the newer estimate tells more: it knows a beginning, and within less time. */
export function isNarrower(newer: ChangePoint, older: ChangePoint): boolean {
  if (newer.atMs === undefined || newer.lowMs === undefined) return false;
  return older.lowMs === undefined || newer.highMs - newer.lowMs < older.highMs - older.lowMs;
}
