import type { InstrumentReading, Measurement } from '../../wire/measurement.ts';
import type { Steps } from '../steps.ts';
import { BatchIntake } from './batch-intake.ts';
import { EvidenceScope } from './evidence-scope.ts';
import type { PathCensus } from './path-census.ts';
import type { PathDuties } from './path-duty.ts';
import { createPathEntry, type PathEntry } from './path-entry.ts';
import type { PathHealth, PathRef } from './path-health.ts';
import { PathJudge } from './path-judge.ts';
import { splitPathKey } from './path-key.ts';
import { PathLook } from './path-look.ts';
import { PathMemory, remembrancesOf } from './path-memory.ts';
import { PATH_POLICY, type PathPolicy } from './path-policy.ts';
import { PathRefresh, type RefreshedPath } from './path-refresh.ts';
import { PathRoll } from './path-roll.ts';
import type { PathView } from './path-sight.ts';
import type { PathRemembrance, PathSnapshot } from './path-snapshot.ts';
import { isSickAt, readInstrument } from './probe-condition.ts';
import { createProbe, giveDuty, hear, type ProbeEntry } from './probe-entry.ts';
import { NEVER_SICK, type SickStretch } from './sick-stretches.ts';
import type { WatchedPath } from './watched-path.ts';
import { WitnessIndex } from './witness-index.ts';

/** One batch of a probe. `batchSentAtMs` is the probe's monotonic clock when it sent, or later where the way held it up, `nowMs` the hub's when it came. */
export type PathBatch = {
  readonly pbx: string;
  readonly instanceId: string;
  readonly measurements: readonly Measurement[];
  readonly batchSentAtMs: number;
  readonly instrument?: InstrumentReading | undefined;
  readonly nowMs: number;
};

/** What a batch did. */
export type BatchResult = {
  /** Keys of paths whose state changed with it; those that time changes come with {@link PathTable.refresh}. */
  readonly changedKeys: readonly string[];
  /** Measurements of targets that no path is declared for: counted, otherwise passed over. */
  readonly unknownTargets: number;
  /** Misses left out because the probe's instrument was sick. */
  readonly abstained: number;
  /** The probe's instrument is sick as of this batch: whatever else its loss would be evidence for abstains too. */
  readonly isSick: boolean;
};

/**
 * Health of every path of the fleet. Deterministic and free of I/O; mutable within, for speed: a batch costs the measurements
 * in it and the paths of its one PBX, a refresh the paths that changed. All `nowMs` are hub time and are never taken to step
 * back.
 */
export class PathTable {
  readonly #policy: PathPolicy;
  readonly #probes = new Map<string, ProbeEntry>();
  readonly #byKey = new Map<string, PathEntry>();
  readonly #memory = new PathMemory();
  readonly #judge: PathJudge;
  readonly #heirs = new WitnessIndex();
  readonly #refresh: PathRefresh;
  readonly #roll = new PathRoll(this.#probes);
  readonly #scope = new EvidenceScope();
  #nowMs = 0;

  constructor(policy: PathPolicy = PATH_POLICY) {
    this.#policy = policy;
    this.#judge = new PathJudge(policy);
    this.#refresh = new PathRefresh({ probes: this.#probes, policy, judge: this.#judge, heirs: this.#heirs });
  }

  /**
   * Declares all paths of one PBX (at its hello, or when the configuration is read anew). Paths that stay keep their memory
   * (safety rule 9); those no longer named are dropped. May be called again at any time.
   */
  setPaths(pbx: string, refs: readonly PathRef[], nowMs: number): void {
    this.#tick(nowMs);
    const probe = this.#probe(pbx);
    this.#roll.redeclared();
    this.#judge.expect(probe);
    const targets = new Set(refs.map(({ target }) => target));
    for (const [target, entry] of probe.paths) {
      if (targets.has(target)) continue;
      probe.paths.delete(target);
      this.#byKey.delete(entry.ref.key);
      probe.uneasy.delete(entry);
      this.#heirs.remove(entry);
      this.#refresh.forget(entry);
    }
    for (const ref of refs) {
      const known = probe.paths.get(ref.target);
      const entry = known ?? createPathEntry(ref, this.#memory.take(ref.key), this.#nowMs);
      entry.ref = ref;
      this.#judge.touch(probe, entry);
      if (known) continue;
      giveDuty(entry, probe.duties);
      this.#heirs.set(probe, entry);
      probe.paths.set(ref.target, entry);
      this.#byKey.set(ref.key, entry);
    }
  }

  /**
   * Takes over what the hub has assigned to one PBX. A path that is left to others from now on loses its own run of misses,
   * which nothing continues; everything else stays.
   */
  setDuties(pbx: string, duties: PathDuties): void {
    const probe = this.#probe(pbx);
    probe.duties = duties;
    this.#judge.expect(probe);
    for (const entry of probe.paths.values()) {
      if (!giveDuty(entry, duties)) continue;
      this.#heirs.set(probe, entry);
      this.#judge.touch(probe, entry);
      for (const [heir, owner] of this.#heirs.heirsOf(entry.ref.key)) this.#judge.touch(owner, heir);
    }
  }

  /** A probe said hello: it is heard. Another instance than before starts all its runs of misses over. */
  connect(pbx: string, instanceId: string, nowMs: number): readonly string[] {
    this.#tick(nowMs);
    const probe = this.#probe(pbx);
    this.#hear(probe, instanceId);
    return this.#judge.judge(probe, this.#nowMs);
  }

  /** Applies the sick rule to one reading of a probe's instrument; {@link addBatch} does it for the reading in a batch. */
  setInstrument(pbx: string, reading: InstrumentReading, nowMs: number): readonly string[] {
    this.#tick(nowMs);
    const probe = this.#probe(pbx);
    probe.condition = readInstrument(probe.condition, reading, this.#policy.sick, this.#nowMs);
    return this.#judge.judge(probe, this.#nowMs);
  }

  /** True where the probe of a PBX is sick, or was at `atMs`, within the last hour: what it saw fail may be its own doing (safety rule 1). */
  isSickAt(pbx: string, atMs: number): boolean {
    const probe = this.#probes.get(pbx);
    return probe !== undefined && isSickAt(probe.condition, atMs, Math.max(atMs, this.#nowMs));
  }

  /** When the probe of a PBX was sick in the last hour. */
  sickStretches(pbx: string): readonly SickStretch[] {
    return this.#probes.get(pbx)?.condition.sickStretches ?? NEVER_SICK;
  }

  /** Takes over when a probe was sick in an earlier life of the hub, once, before anything is heard of it. */
  recallSick(pbx: string, sickStretches: readonly SickStretch[]): void {
    const probe = this.#probe(pbx);
    probe.condition = { ...probe.condition, sickStretches };
  }

  /**
   * Folds one batch. Its order is the order of settling; a batch must be given once (ingest drops repeats by sequence).
   *
   * @param onEach - told of each measurement in the same walk.
   */
  addBatch(batch: PathBatch, onEach?: (measurement: Measurement, isSick: boolean) => void): BatchResult {
    this.#tick(batch.nowMs);
    const probe = this.#probe(batch.pbx);
    const isSameInstance = probe.condition.instanceId === batch.instanceId;
    this.#hear(probe, batch.instanceId);
    if (batch.instrument) {
      probe.condition = readInstrument(probe.condition, batch.instrument, this.#policy.sick, this.#nowMs);
    }
    const isSick = this.#nowMs < probe.condition.sickUntilMs;
    const measured = new Set<PathEntry>();
    const intake = new BatchIntake(probe, {
      policy: this.#policy,
      batchSentAtMs: batch.batchSentAtMs,
      nowMs: this.#nowMs,
      isSick,
      onTouched: (entry) => measured.add(entry),
    });
    for (const measurement of batch.measurements) {
      intake.take(measurement);
      onEach?.(measurement, isSick);
    }
    intake.close();
    for (const entry of measured) this.#judge.touch(probe, entry);
    const changedKeys = this.#judge.judge(probe, this.#nowMs, isSameInstance ? measured : undefined);
    return { changedKeys, unknownTargets: intake.unknownTargets, abstained: intake.abstained, isSick };
  }

  /** Has the next refresh read a path whose figures count now, whether or not anything is heard of it. */
  touch(key: string): void {
    const { name, pbx } = splitPathKey(key);
    const probe = this.#probes.get(pbx);
    const entry = probe?.paths.get(name);
    if (probe && entry) this.#judge.touch(probe, entry);
  }

  /**
   * Lets time pass and reads anew the health of those paths that may have another by now, in small steps: batches may be taken
   * between them, and what they touch is left to the next refresh. Call about once a second; the keys of {@link known} and
   * {@link watched} tell as of the last one.
   *
   * @returns the health of each path that was read, and what it was before.
   */
  *refresh(nowMs: number): Generator<undefined, readonly RefreshedPath[]> {
    this.#tick(nowMs);
    const read = yield* this.#refresh.steps(this.#nowMs);
    yield* this.#roll.take(read);
    this.#scope.take(read);
    return read;
  }

  /** Health of every path as it was last refreshed. */
  known(): readonly PathHealth[] {
    return this.#roll.healths;
  }

  /** How the paths stand as of the last refresh, counted. */
  get census(): PathCensus {
    return this.#roll.census;
  }

  /** Health of one path as it was last refreshed; undefined before that. */
  knownOf(key: string): PathHealth | undefined {
    return this.#byKey.get(key)?.health;
  }

  /** Every path as it was last refreshed, with a way to count its samples. */
  watched(): readonly WatchedPath[] {
    return this.#roll.watched;
  }

  /**
   * Those of {@link watched} that the correlate stage is shown, the same array while they stay the same. In steps, once a pass.
   *
   * @param isAnyOpen - a verdict is open.
   */
  *evidence(isAnyOpen: boolean): Steps<readonly WatchedPath[]> {
    return yield* this.#scope.steps(this.#roll.watched, isAnyOpen);
  }

  /** Lets time pass for all paths at once. @returns keys of those whose state changed. Costs one judgement a path. */
  advance(nowMs: number): readonly string[] {
    return this.#look(nowMs).advance().changedKeys;
  }

  /** Health of every path, read as of now. */
  healths(nowMs: number): readonly PathHealth[] {
    return this.sight(nowMs).map(({ health }) => health);
  }

  /** Health of one path by its key, read as of now; undefined for a path that is not declared. */
  health(key: string, nowMs: number): PathHealth | undefined {
    return this.#look(nowMs).health(key);
  }

  /** Health of the paths of one PBX, read as of now; empty for one never declared. */
  healthsOf(pbx: string, nowMs: number): readonly PathHealth[] {
    return this.#look(nowMs).healthsOf(pbx);
  }

  /**
   * Every path, read as of now, with a way to count its unbiased OPTIONS samples from a time on (hub time, at most 300 s back).
   * The counts read live buckets, so ask before the next batch.
   */
  sight(nowMs: number): readonly PathView[] {
    return this.#look(nowMs).sight();
  }

  /** Memory of the paths of one PBX worth keeping over a restart. */
  remembrances(pbx: string, nowMs: number): readonly PathRemembrance[] {
    this.#tick(nowMs);
    return remembrancesOf(this.#probes.get(pbx), this.#nowMs);
  }

  /** What is still remembered of paths whose PBX has not come back yet. */
  waiting(): readonly PathRemembrance[] {
    return this.#memory.waiting;
  }

  /** Memory worth keeping over a restart, as plain JSON; also of remembered paths whose PBX has not come back yet. */
  snapshot(nowMs: number): PathSnapshot {
    const own = [...this.#probes.keys()].flatMap((pbx) => this.remembrances(pbx, nowMs));
    return { format: 'trunkward-paths-1', paths: [...own, ...this.waiting()] };
  }

  /** Takes over a snapshot, once, before the first batch; every path stays unknown until it has fresh evidence (rule 9). */
  restore(snapshot: PathSnapshot): void {
    for (const [probe, entry] of this.#memory.restore(snapshot, this.#probes)) {
      this.#judge.touch(probe, entry);
      this.#judge.expect(probe);
    }
  }

  #tick(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  #probe(pbx: string): ProbeEntry {
    const known = this.#probes.get(pbx) ?? createProbe();
    this.#probes.set(pbx, known);
    return known;
  }

  #hear(probe: ProbeEntry, instanceId: string): void {
    const before = probe.condition.instanceId;
    hear(probe, instanceId, this.#nowMs);
    if (before === instanceId) return;
    for (const entry of probe.paths.values()) this.#judge.touch(probe, entry);
  }

  #look(nowMs: number): PathLook {
    this.#tick(nowMs);
    return new PathLook(this.#probes, { policy: this.#policy, judge: this.#judge }, this.#nowMs);
  }
}
