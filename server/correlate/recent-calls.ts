import type { CostedCall } from './incident-cost.ts';

/** Calls are remembered for so long after their end: a verdict opens up to five minutes after its trouble began. */
const REMEMBERED_MS = 900_000;
/** And at most so many, the newest. */
const MAX_CALLS = 20_000;

/** Calls that ended of late, so that those before a verdict was opened count into its cost. Mutable. */
export class RecentCalls {
  #calls: CostedCall[] = [];
  #newestAtMs = Number.NEGATIVE_INFINITY;
  #completeFromMs = Number.NEGATIVE_INFINITY;

  /** Takes a call, in any order of time. */
  add(call: CostedCall): void {
    this.#newestAtMs = Math.max(this.#newestAtMs, call.atMs);
    if (call.atMs < this.#completeFromMs) return;
    this.#calls.push(call);
    if (this.#calls.length > MAX_CALLS) this.#forget();
  }

  /** Calls that ended at this time or later. */
  since(fromMs: number): readonly CostedCall[] {
    return this.#calls.filter(({ atMs }) => atMs >= fromMs);
  }

  /** End of the oldest call before which some were forgotten; `-Infinity` where none was. */
  get completeFromMs(): number {
    return this.#completeFromMs;
  }

  /** True when no call that was told and ended at this time or later has been forgotten. */
  reaches(fromMs: number): boolean {
    return fromMs >= this.#completeFromMs;
  }

  /** Drops the oldest tenth at least, so that this is done seldom. */
  #forget(): void {
    const kept = this.#calls.toSorted((one, other) => one.atMs - other.atMs).slice(MAX_CALLS / 10);
    this.#completeFromMs = Math.max(kept[0]?.atMs ?? 0, this.#newestAtMs - REMEMBERED_MS);
    this.#calls = kept.filter(({ atMs }) => atMs >= this.#completeFromMs);
  }
}
