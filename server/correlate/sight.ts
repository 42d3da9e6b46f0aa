import type { SpreadCount } from '../paths/quality/spread-loss.ts';
import type { HypothesisSpace } from './hypotheses.ts';
import { type EventCounts, type PathEvidence, pathEvents } from './path-evidence.ts';

/**
 * Packets of the mesh stream of a path to a peer (`PBX>TARGET`), or of calls at a trunk (`PBX>TRUNK`), since `sinceMs` (hub time);
 * `forward` leaves the PBX. Undefined where nothing was counted.
 */
export type MediaCounts = (key: string, direction: 'forward' | 'reverse', sinceMs: number) => SpreadCount | undefined;

/** Everything one pass of correlation looks at. */
export type Sight = {
  readonly nowMs: number;
  readonly space: HypothesisSpace;
  /** In the order of `space.refs`. */
  readonly paths: readonly PathEvidence[];
  /** By path key: losses before this time belong to a trouble that was cleared and are not counted again. */
  readonly freshFromMs: ReadonlyMap<string, number>;
  /** Media that were counted one way, see {@link MediaCounts}. */
  readonly mediaCounts?: MediaCounts | undefined;
  /** Least quiet before a verdict clears, milliseconds. */
  readonly minQuietMs?: number | undefined;
};

/** Start of the window for one path, hub time. */
export function windowStartMs(sight: Sight, path: PathEvidence, sinceMs: number): number {
  if (sight.freshFromMs.size === 0) return sinceMs;
  return Math.max(sinceMs, sight.freshFromMs.get(path.health.ref.key) ?? 0);
}

/** Events of every path since `sinceMs`, in the order of the space. */
export function eventsSince(sight: Sight, sinceMs: number): readonly EventCounts[] {
  return sight.paths.map((path) => pathEvents(path, windowStartMs(sight, path, sinceMs), sight.nowMs));
}
