import { type PathEntry, recall, remember } from './path-entry.ts';
import type { PathRemembrance, PathSnapshot } from './path-snapshot.ts';
import type { ProbeEntry } from './probe-entry.ts';

/** What is remembered of paths from before a restart (safety rule 9) until their PBX declares them. Mutable. */
export class PathMemory {
  readonly #waiting = new Map<string, PathRemembrance>();

  /** What is remembered of a path that is declared now; it is remembered no longer. */
  take(key: string): PathRemembrance | undefined {
    const found = this.#waiting.get(key);
    this.#waiting.delete(key);
    return found;
  }

  /** What still waits for its PBX. */
  get waiting(): readonly PathRemembrance[] {
    return [...this.#waiting.values()];
  }

  /**
   * Takes over a snapshot: puts it under the paths that are declared already, and keeps the rest.
   *
   * @returns the paths that were recalled, each with its probe.
   */
  restore(
    snapshot: PathSnapshot,
    probes: ReadonlyMap<string, ProbeEntry>,
  ): readonly (readonly [ProbeEntry, PathEntry])[] {
    const entries = new Map<string, readonly [ProbeEntry, PathEntry]>();
    for (const probe of probes.values()) {
      for (const entry of probe.paths.values()) entries.set(entry.ref.key, [probe, entry]);
    }
    return snapshot.paths.flatMap((remembered) => {
      const found = entries.get(remembered.key);
      if (found) recall(found[1], remembered);
      else this.#waiting.set(remembered.key, remembered);
      return found ? [found] : [];
    });
  }
}

/** Memory of the paths of one probe worth keeping over a restart. */
export function remembrancesOf(probe: ProbeEntry | undefined, nowMs: number): readonly PathRemembrance[] {
  return [...(probe?.paths.values() ?? [])].map((entry) => remember(entry, nowMs));
}
