import type { PathEntry } from './path-entry.ts';
import type { PathHealth } from './path-health.ts';
import type { PathView } from './path-sight.ts';
import { isInherited } from './probe-entry.ts';
import type { LossCounts, SecondCount } from './second-counts.ts';

const NOTHING: LossCounts = { sent: 0, lost: 0, lossRuns: 0 };

/** Counts of a path's own samples; what is inherited was counted where it was measured. */
export function ownCountsSince(entry: PathEntry, sinceMs: number): LossCounts {
  return isInherited(entry) ? NOTHING : entry.options.countsSince(sinceMs);
}

/** The same second by second, oldest first. */
export function ownSecondsSince(entry: PathEntry, sinceMs: number): readonly SecondCount[] {
  return isInherited(entry) ? [] : entry.options.secondsSince(sinceMs);
}

/** ICMP echoes of a path, a minute back. */
export function ownIcmpSince(entry: PathEntry, sinceMs: number): LossCounts {
  return entry.icmp.countsSince(sinceMs);
}

/** A path as the correlate stage sees it, one object for as long as the path is declared: health as last refreshed, live counts. */
export class WatchedPath implements PathView {
  readonly #entry: PathEntry;
  #countsSince: PathView['countsSince'] | undefined;
  #secondsSince: PathView['secondsSince'] | undefined;
  #icmpSince: PathView['icmpSince'] | undefined;
  /** The stage was shown it in the last pass; also before the first, for a verdict of an earlier life may speak of it. */
  isShown = true;

  constructor(entry: PathEntry) {
    this.#entry = entry;
  }

  get health(): PathHealth {
    const { health, ref } = this.#entry;
    if (!health) throw new Error(`path ${ref.key} was not read yet`);
    return health;
  }

  get countsSince(): PathView['countsSince'] {
    this.#countsSince ??= (sinceMs) => ownCountsSince(this.#entry, sinceMs);
    return this.#countsSince;
  }

  get secondsSince(): PathView['secondsSince'] {
    this.#secondsSince ??= (sinceMs) => ownSecondsSince(this.#entry, sinceMs);
    return this.#secondsSince;
  }

  get icmpSince(): PathView['icmpSince'] {
    this.#icmpSince ??= (sinceMs) => ownIcmpSince(this.#entry, sinceMs);
    return this.#icmpSince;
  }
}
