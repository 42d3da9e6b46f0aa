const MINUTE_MS = 60_000;

/** How far back sums reach, milliseconds: one hour. */
export const SUMS_REACH_MS = 60 * MINUTE_MS;

/**
 * Sums of named numbers by minute, one hour back. Memory is taken only for minutes in which something came. Times are hub time;
 * a time before the reach is left out, so nothing old is ever counted as new.
 */
export class MinuteSums<Name extends string> {
  readonly #minutes = new Map<number, Map<Name, number>>();
  #newestAtMs = Number.NEGATIVE_INFINITY;

  /** Time of the newest entry; `-Infinity` before the first. */
  get newestAtMs(): number {
    return this.#newestAtMs;
  }

  /** Adds to the sums of the minute that `atMs` falls into. */
  add(atMs: number, values: Readonly<Partial<Record<Name, number>>>): void {
    this.#newestAtMs = Math.max(this.#newestAtMs, atMs);
    this.#forget();
    if (atMs <= this.#newestAtMs - SUMS_REACH_MS) return;
    const minute = Math.floor(atMs / MINUTE_MS);
    const sums = this.#minutes.get(minute) ?? new Map<Name, number>();
    for (const [name, value] of Object.entries(values) as [Name, number][]) {
      sums.set(name, (sums.get(name) ?? 0) + value);
    }
    this.#minutes.set(minute, sums);
  }

  /** Sum of one name over the minutes that began after `sinceMs` less a minute: whole minutes, never part of one. */
  sum(name: Name, sinceMs: number): number {
    let total = 0;
    for (const [minute, sums] of this.#minutes) {
      if ((minute + 1) * MINUTE_MS > sinceMs) total += sums.get(name) ?? 0;
    }
    return total;
  }

  /** Names that something came under since `sinceMs`, with their sums, in no order. */
  sums(sinceMs: number): ReadonlyMap<Name, number> {
    const names = new Set([...this.#minutes.values()].flatMap((sums) => [...sums.keys()]));
    const found = [...names].map((name): [Name, number] => [name, this.sum(name, sinceMs)]);
    return new Map(found.filter(([, value]) => value !== 0));
  }

  #forget(): void {
    for (const minute of this.#minutes.keys()) {
      if ((minute + 1) * MINUTE_MS <= this.#newestAtMs - SUMS_REACH_MS) this.#minutes.delete(minute);
    }
  }
}
