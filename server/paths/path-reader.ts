import { besideHealth, type PathEntry, pathFacts, pathHealth } from './path-entry.ts';
import type { PathHealth } from './path-health.ts';
import { inheritedHealth, type WitnessWord, witnessWord } from './path-inheritance.ts';
import { isOwnWord } from './path-judgement.ts';
import type { PathPolicy } from './path-policy.ts';
import type { ProbeEntry } from './probe-entry.ts';
import { shownPairs } from './striped-pairs.ts';

const NOBODY: readonly string[] = [];

/**
 * Reads the health of paths as of one moment, each at most once: a witness is read once for all that inherit from it. To be
 * thrown away when anything is measured.
 */
export class PathReader {
  readonly #probes: ReadonlyMap<string, ProbeEntry>;
  readonly #policy: PathPolicy;
  readonly #nowMs: number;
  readonly #known = new Map<PathEntry, PathHealth>();
  /** By the list of witnesses, then by target: asked once for all that inherit from them. */
  readonly #words = new Map<readonly string[], Map<string, WitnessWord>>();

  constructor(probes: ReadonlyMap<string, ProbeEntry>, policy: PathPolicy, nowMs: number) {
    this.#probes = probes;
    this.#policy = policy;
    this.#nowMs = nowMs;
  }

  /** Health of one path, its own or inherited. */
  read(probe: ProbeEntry, entry: PathEntry): PathHealth {
    const known = this.#known.get(entry);
    if (known) return known;
    const health = entry.duty?.role === 'inherit' ? this.inherited(probe, entry) : this.#own(probe, entry);
    this.#known.set(entry, health);
    return health;
  }

  #own(probe: ProbeEntry, entry: PathEntry): PathHealth {
    const health = pathHealth(entry, probe.condition, this.#policy, this.#nowMs);
    const pairs = probe.pairs.of(entry.ref.target, this.#nowMs);
    if (!pairs) return health;
    const said = shownPairs(pairs);
    return { ...health, pairs, ...(said !== undefined && { reason: `${health.reason} ${said}` }) };
  }

  /** Health of a path that inherits, by what its entry holds at this call: nothing of it is kept. */
  inherited(probe: ProbeEntry, entry: PathEntry): PathHealth {
    const own = {
      beside: besideInherited(probe, entry, this.#nowMs),
      whole: () => this.#own(probe, entry),
      isOwnWord: isOwnWord(pathFacts(entry, probe.condition, this.#nowMs), this.#policy, this.#nowMs),
      inviteAliveAtMs: entry.path.inviteAliveAtMs,
    };
    return inheritedHealth(own, this.#word(entry.ref.target, entry.duty?.from ?? NOBODY));
  }

  #word(target: string, from: readonly string[]): WitnessWord {
    const words = this.#words.get(from) ?? new Map<string, WitnessWord>();
    this.#words.set(from, words);
    const known = words.get(target);
    if (known) return known;
    const witnesses = from.flatMap((pbx) => {
      const probe = this.#probes.get(pbx);
      const path = probe?.paths.get(target);
      return probe && path && path.duty?.role !== 'inherit' ? [this.read(probe, path)] : [];
    });
    const word = witnessWord(from, witnesses);
    words.set(target, word);
    return word;
  }
}

function besideInherited(probe: ProbeEntry, entry: PathEntry, nowMs: number) {
  const pairs = probe.pairs.of(entry.ref.target, nowMs);
  const beside = besideHealth(entry, probe.condition, nowMs);
  return pairs ? { ...beside, pairs } : beside;
}
