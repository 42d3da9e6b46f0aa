import type { PathEntry } from './path-entry.ts';
import type { PathHealth } from './path-health.ts';
import type { PathJudge } from './path-judge.ts';
import type { PathPolicy } from './path-policy.ts';
import { PathReader } from './path-reader.ts';
import { isInherited, type ProbeEntry } from './probe-entry.ts';
import type { WitnessIndex } from './witness-index.ts';

/** Every path is read anew at least so often, so that no shown figure is older. */
const ROUND_MS = 30_000;

/** Paths read, or probes judged, before others get a turn. */
const STEP_PATHS = 200;
/** Paths that are only passed on: of a large fleet nearly all inherit, and are read after those that are asked. */
const STEP_PASSED_ON = 5000;
const STEP_PROBES = 50;

/** A path that was read; its entry is the path table's. */
export type RefreshedPath = {
  readonly entry: PathEntry;
  readonly before: PathHealth | undefined;
  readonly after: PathHealth;
};

/** What a refresh works on; all of it is the path table's. */
export type RefreshParts = {
  readonly probes: ReadonlyMap<string, ProbeEntry>;
  readonly policy: PathPolicy;
  readonly judge: PathJudge;
  readonly heirs: WitnessIndex;
};

/**
 * Reads the health of those paths that may have another than when they were last read: what was measured or assigned, what time
 * has changed, what has lost anything in its window (its figures move with every second), and what inherits other news.
 * Besides, all paths in turn.
 */
export class PathRefresh {
  readonly #parts: RefreshParts;
  readonly #restless = new Map<PathEntry, ProbeEntry>();
  #turn: Iterator<ProbeEntry> | undefined;
  #turnedAtMs: number | undefined;

  constructor(parts: RefreshParts) {
    this.#parts = parts;
  }

  /** Forgets a path that is no longer declared. */
  forget(entry: PathEntry): void {
    this.#restless.delete(entry);
  }

  /**
   * Reads in small steps, between which batches may be taken: what they touch is left to the next refresh.
   *
   * @returns the health of every path that was read, which is also on the path itself, and what it was before.
   */
  *steps(nowMs: number): Generator<undefined, readonly RefreshedPath[]> {
    const { heirs, judge, probes } = this.#parts;
    let count = 0;
    for (const probe of judge.takeDue(nowMs)) {
      judge.judge(probe, nowMs);
      count += 1;
      if (count % STEP_PROBES === 0) yield;
    }
    for (const probe of this.#inTurn(probes, nowMs))
      for (const entry of probe.paths.values()) judge.touch(probe, entry);
    const touched = judge.takeTouched();
    for (const [entry, probe] of this.#restless) touched.set(entry, probe);
    const reader = new PathReader(probes, this.#parts.policy, nowMs);
    const read: RefreshedPath[] = [];
    const inherited = new Map<PathEntry, ProbeEntry>();
    yield;
    count = 0;
    for (const [entry, probe] of touched) {
      count += 1;
      if (count % STEP_PASSED_ON === 0) yield;
      if (!isDeclared(entry, probe)) continue;
      if (isInherited(entry)) inherited.set(entry, probe);
      else {
        const before = entry.health;
        const health = this.#own(reader, probe, entry);
        read.push({ entry, before, after: health });
        if (isNewsForHeirs(before, health)) {
          for (const [heir, owner] of heirs.heirsOf(entry.ref.key)) inherited.set(heir, owner);
        }
        if (read.length % STEP_PATHS === 0) yield;
      }
    }
    for (const [entry, probe] of inherited) {
      if (!isDeclared(entry, probe) || !isInherited(entry)) continue;
      const before = entry.health;
      read.push({ entry, before, after: this.#inherited(reader, probe, entry, nowMs) });
      if (read.length % STEP_PATHS === 0) yield;
    }
    return read;
  }

  #own(reader: PathReader, probe: ProbeEntry, entry: PathEntry): PathHealth {
    const health = reader.read(probe, entry);
    if (health.options.lost > 0) this.#restless.set(entry, probe);
    else this.#restless.delete(entry);
    entry.health = health;
    return health;
  }

  #inherited(reader: PathReader, probe: ProbeEntry, entry: PathEntry, nowMs: number): PathHealth {
    this.#restless.delete(entry);
    entry.health = settleInherited(reader, this.#parts.judge, { probe, entry, nowMs });
    return entry.health;
  }

  /** The probes whose turn it is, so many that all have had one within a round. */
  #inTurn(probes: ReadonlyMap<string, ProbeEntry>, nowMs: number): readonly ProbeEntry[] {
    const elapsedMs = Math.min(ROUND_MS, nowMs - (this.#turnedAtMs ?? nowMs - ROUND_MS));
    const wanted = Math.floor((probes.size * elapsedMs) / ROUND_MS);
    if (wanted === 0) return [];
    this.#turnedAtMs = nowMs;
    const turned: ProbeEntry[] = [];
    this.#turn ??= probes.values();
    while (turned.length < wanted) {
      const next = this.#turn.next();
      if (next.done === true) {
        this.#turn = undefined;
        break;
      }
      turned.push(next.value);
    }
    return turned;
  }
}

/** Reads a path that inherits; where its witnesses have brought it into another state, that is noted first. */
export function settleInherited(
  reader: PathReader,
  judge: PathJudge,
  { probe, entry, nowMs }: { readonly probe: ProbeEntry; readonly entry: PathEntry; readonly nowMs: number },
): PathHealth {
  const health = reader.inherited(probe, entry);
  if (health.state === entry.state) return health;
  judge.note(probe, entry, health.state, nowMs);
  return reader.inherited(probe, entry);
}

/** True unless both are clean and the same but for how much was answered: that is carried on in turn. */
function isNewsForHeirs(before: PathHealth | undefined, after: PathHealth): boolean {
  return (
    before?.state !== after.state ||
    before.isAbstaining !== after.isAbstaining ||
    before.consecutiveMisses !== after.consecutiveMisses ||
    before.options.lost > 0 ||
    after.options.lost > 0
  );
}

function isDeclared(entry: PathEntry, probe: ProbeEntry): boolean {
  return probe.paths.get(entry.ref.target) === entry;
}
