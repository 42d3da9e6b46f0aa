import type { PathEntry } from './path-entry.ts';
import { pathKey } from './path-key.ts';
import { isInherited, type ProbeEntry } from './probe-entry.ts';

/** Which paths inherit from which, so that news of a witness is carried on to them alone. Mutable; owned by the path table. */
export class WitnessIndex {
  readonly #heirsOf = new Map<string, Map<PathEntry, ProbeEntry>>();
  readonly #witnessesOf = new Map<PathEntry, readonly string[]>();

  /** Takes in what a path has been assigned; to be called after each change. */
  set(probe: ProbeEntry, entry: PathEntry): void {
    this.remove(entry);
    if (!isInherited(entry)) return;
    const keys = (entry.duty?.from ?? []).map((pbx) => pathKey(pbx, entry.ref.target));
    this.#witnessesOf.set(entry, keys);
    for (const key of keys) {
      const heirs = this.#heirsOf.get(key) ?? new Map<PathEntry, ProbeEntry>();
      heirs.set(entry, probe);
      this.#heirsOf.set(key, heirs);
    }
  }

  /** Forgets a path. */
  remove(entry: PathEntry): void {
    for (const key of this.#witnessesOf.get(entry) ?? []) {
      const heirs = this.#heirsOf.get(key);
      heirs?.delete(entry);
      if (heirs?.size === 0) this.#heirsOf.delete(key);
    }
    this.#witnessesOf.delete(entry);
  }

  /** Paths that inherit from the path of this key, each with its probe. */
  heirsOf(key: string): Iterable<readonly [PathEntry, ProbeEntry]> {
    return this.#heirsOf.get(key) ?? [];
  }
}
