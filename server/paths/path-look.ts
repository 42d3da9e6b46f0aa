import type { PathEntry } from './path-entry.ts';
import type { PathHealth } from './path-health.ts';
import type { PathJudge } from './path-judge.ts';
import { splitPathKey } from './path-key.ts';
import type { PathPolicy } from './path-policy.ts';
import { PathReader } from './path-reader.ts';
import { settleInherited } from './path-refresh.ts';
import type { PathView } from './path-sight.ts';
import { isInherited, type ProbeEntry } from './probe-entry.ts';
import { ownCountsSince, ownIcmpSince, ownSecondsSince } from './watched-path.ts';

/** One look at the paths as of one moment, whatever was refreshed; what it finds changed is told by the next refresh too. */
export class PathLook {
  readonly #probes: ReadonlyMap<string, ProbeEntry>;
  readonly #policy: PathPolicy;
  readonly #judge: PathJudge;
  readonly #nowMs: number;

  constructor(
    probes: ReadonlyMap<string, ProbeEntry>,
    ground: { readonly policy: PathPolicy; readonly judge: PathJudge },
    nowMs: number,
  ) {
    this.#probes = probes;
    this.#policy = ground.policy;
    this.#judge = ground.judge;
    this.#nowMs = nowMs;
  }

  /** Judges every path: those that are asked first, since those left to others follow their witnesses. */
  advance(): { readonly changedKeys: readonly string[]; readonly reader: PathReader } {
    const nowMs = this.#nowMs;
    const changedKeys = [...this.#probes.values()].flatMap((probe) => this.#judge.judge(probe, nowMs));
    const reader = this.#reader();
    for (const [probe, entry] of this.#entries()) {
      if (!isInherited(entry)) continue;
      const before = entry.state;
      const { ref, state } = settleInherited(reader, this.#judge, { probe, entry, nowMs });
      if (state !== before) changedKeys.push(ref.key);
    }
    return { changedKeys, reader };
  }

  /** One path; undefined for one that is not declared. */
  health(key: string): PathHealth | undefined {
    const { name, pbx } = splitPathKey(key);
    const probe = this.#probes.get(pbx);
    const entry = probe?.paths.get(name);
    if (!probe || !entry) return undefined;
    this.#judge.judge(probe, this.#nowMs);
    return this.#reader().read(probe, entry);
  }

  /** The paths of one PBX. */
  healthsOf(pbx: string): readonly PathHealth[] {
    const probe = this.#probes.get(pbx);
    if (!probe) return [];
    this.#judge.judge(probe, this.#nowMs);
    const reader = this.#reader();
    return [...probe.paths.values()].map((entry) => reader.read(probe, entry));
  }

  /** Every path with a way to count its samples. */
  sight(): readonly PathView[] {
    const { reader } = this.advance();
    return this.#entries().map(([probe, entry]) => ({
      health: reader.read(probe, entry),
      countsSince: (sinceMs: number) => ownCountsSince(entry, sinceMs),
      secondsSince: (sinceMs: number) => ownSecondsSince(entry, sinceMs),
      icmpSince: (sinceMs: number) => ownIcmpSince(entry, sinceMs),
    }));
  }

  #entries(): readonly (readonly [ProbeEntry, PathEntry])[] {
    return [...this.#probes.values()].flatMap((probe) =>
      [...probe.paths.values()].map((entry): readonly [ProbeEntry, PathEntry] => [probe, entry]),
    );
  }

  #reader(): PathReader {
    return new PathReader(this.#probes, this.#policy, this.#nowMs);
  }
}
