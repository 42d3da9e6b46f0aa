import type { PathEntry } from './path-entry.ts';
import type { PathHealth } from './path-health.ts';
import type { PathSight } from './path-sight.ts';
import { isInherited } from './probe-entry.ts';
import type { LossCounts } from './second-counts.ts';

const NOTHING: LossCounts = { sent: 0, lost: 0, lossRuns: 0 };

/** Counts of a path's own samples; what is inherited was counted where it was measured. */
export function ownCountsSince(entry: PathEntry, sinceMs: number): LossCounts {
  return isInherited(entry) ? NOTHING : entry.options.countsSince(sinceMs);
}

/** A path as the correlate stage sees it, one object for as long as the path is declared: health as last refreshed, live counts. */
export class WatchedPath implements PathSight {
  readonly #entry: PathEntry;
  /** The stage was shown it in the last pass; also before the first, for a verdict of an earlier life may speak of it. */
  isShown = true;

  constructor(entry: PathEntry) {
    this.#entry = entry;
  }

  /** Health as last refreshed; undefined before the first time. */
  get latest(): PathHealth | undefined {
    return this.#entry.health;
  }

  get health(): PathHealth {
    const { health, ref } = this.#entry;
    if (!health) throw new Error(`path ${ref.key} was not read yet`);
    return health;
  }

  readonly countsSince = (sinceMs: number): LossCounts => ownCountsSince(this.#entry, sinceMs);
}
