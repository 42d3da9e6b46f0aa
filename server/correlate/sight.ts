import type { SpreadCount } from '../paths/quality/spread-loss.ts';
import type { LossCounts } from '../paths/second-counts.ts';
import type { HypothesisSpace } from './hypotheses.ts';
import type { PathEvidence } from './path-evidence.ts';

/**
 * Packets of the mesh stream of a path to a peer (`PBX>TARGET`), or of calls at a trunk (`PBX>TRUNK`), since `sinceMs` (hub time);
 * `forward` leaves the PBX. Undefined where nothing was counted.
 */
export type MediaCounts = (key: string, direction: 'forward' | 'reverse', sinceMs: number) => SpreadCount | undefined;

/**
 * Calls of a PBX at a trunk (`PBX>TRUNK`) that ended since `sinceMs` (hub time), by the edge that they used; without one it is not
 * known. Lost are those that the trunk failed.
 */
export type CallCounts = (
  key: string,
  sinceMs: number,
) => readonly { readonly edge: string | undefined; readonly counts: LossCounts }[];

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
  /** What became of calls, see {@link CallCounts}. */
  readonly callCounts?: CallCounts | undefined;
  /** Least quiet before a verdict clears, milliseconds. */
  readonly minQuietMs?: number | undefined;
};

/** Start of the window for one path, hub time. */
export function windowStartMs(sight: Sight, path: PathEvidence, sinceMs: number): number {
  if (sight.freshFromMs.size === 0) return sinceMs;
  return Math.max(sinceMs, sight.freshFromMs.get(path.health.ref.key) ?? 0);
}
