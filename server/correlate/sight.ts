import type { HypothesisSpace } from './hypotheses.ts';
import { type EventCounts, type PathEvidence, pathEvents } from './path-evidence.ts';

/** Everything one pass of correlation looks at. */
export type Sight = {
  readonly nowMs: number;
  readonly space: HypothesisSpace;
  /** In the order of `space.refs`. */
  readonly paths: readonly PathEvidence[];
  /** By path key: losses before this time belong to a trouble that was cleared and are not counted again. */
  readonly freshFromMs: ReadonlyMap<string, number>;
  /** Least quiet before a verdict clears, milliseconds. */
  readonly minQuietMs?: number | undefined;
};

/** Start of the window for one path, hub time. */
export function windowStartMs(sight: Sight, path: PathEvidence, sinceMs: number): number {
  return Math.max(sinceMs, sight.freshFromMs.get(path.health.ref.key) ?? 0);
}

/** Events of every path since `sinceMs`, in the order of the space. */
export function eventsSince(sight: Sight, sinceMs: number): readonly EventCounts[] {
  return sight.paths.map((path) => pathEvents(path, windowStartMs(sight, path, sinceMs), sight.nowMs));
}
