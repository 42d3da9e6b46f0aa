import type { InstrumentReading, InviteMeasurement, Measurement } from '../../wire/measurement.ts';
import { addAnswer } from './latest-answers.ts';
import type { LossCounts } from './loss-window.ts';
import type { PathDuties } from './path-duty.ts';
import {
  addIcmp,
  addInvite,
  addOptions,
  createPathEntry,
  type PathEntry,
  pathFacts,
  recall,
  remember,
} from './path-entry.ts';
import type { PathHealth, PathRef } from './path-health.ts';
import { isLossEvidence, judgePath } from './path-judgement.ts';
import { splitPathKey } from './path-key.ts';
import { PATH_POLICY, type PathPolicy } from './path-policy.ts';
import { PathReader, type ProbeEntry } from './path-reader.ts';
import type { PathRemembrance, PathSnapshot } from './path-snapshot.ts';
import { leaveToOthers, startInstance } from './path-state.ts';
import { backlogMs, hearProbe, readInstrument, UNHEARD_PROBE } from './probe-condition.ts';
import { PairLedger } from './striped-pairs.ts';

/** One batch of a probe. `batchSentAtMs` is the probe's monotonic clock when it sent, `nowMs` the hub's when it came. */
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
  /** Keys of paths whose state changed with it; {@link PathTable.changedSince} also tells those that time changed. */
  readonly changedKeys: readonly string[];
  /** Measurements of targets that no path is declared for: counted, otherwise passed over. */
  readonly unknownTargets: number;
  /** Misses left out because the probe's instrument was sick. */
  readonly abstained: number;
  /** The probe's instrument is sick as of this batch: whatever else its loss would be evidence for abstains too. */
  readonly isSick: boolean;
};

/** Loss counts of one path for the correlate stage: unbiased OPTIONS samples only. */
export type PathEvidence = {
  readonly key: string;
  readonly sent: number;
  readonly lost: number;
  readonly lossRuns: number;
};

/** A path's health, and its loss counts from any time of the last 300 s on. */
export type PathSight = { readonly health: PathHealth; readonly countsSince: (sinceMs: number) => LossCounts };

const NO_DUTIES: PathDuties = new Map();

/**
 * Health of every path of the fleet. Deterministic and free of I/O; mutable within, for speed: a batch costs the measurements
 * in it and the paths of its one PBX. All `nowMs` are hub time and are never taken to step back.
 */
export class PathTable {
  readonly #policy: PathPolicy;
  readonly #probes = new Map<string, ProbeEntry>();
  readonly #remembered = new Map<string, PathRemembrance>();
  #changeNumber = 0;
  #nowMs = 0;

  constructor(policy: PathPolicy = PATH_POLICY) {
    this.#policy = policy;
  }

  /**
   * Declares all paths of one PBX (at its hello, or when the configuration is read anew). Paths that stay keep their memory
   * (safety rule 9); those no longer named are dropped. May be called again at any time.
   */
  setPaths(pbx: string, refs: readonly PathRef[], nowMs: number): void {
    this.#tick(nowMs);
    const probe = this.#probe(pbx);
    const targets = new Set(refs.map(({ target }) => target));
    for (const target of probe.paths.keys()) if (!targets.has(target)) probe.paths.delete(target);
    for (const ref of refs) {
      const entry = probe.paths.get(ref.target);
      if (entry) entry.ref = ref;
      else {
        const created = createPathEntry(ref, this.#remembered.get(ref.key), this.#nowMs);
        giveDuty(created, probe.duties);
        probe.paths.set(ref.target, created);
        this.#remembered.delete(ref.key);
      }
    }
  }

  /**
   * Takes over what the hub has assigned to one PBX. A path that is left to others from now on loses its own run of misses,
   * which nothing continues; everything else stays.
   */
  setDuties(pbx: string, duties: PathDuties): void {
    const probe = this.#probe(pbx);
    probe.duties = duties;
    for (const entry of probe.paths.values()) giveDuty(entry, duties);
  }

  /** A probe said hello: it is heard. Another instance than before starts all its runs of misses over. */
  connect(pbx: string, instanceId: string, nowMs: number): readonly string[] {
    this.#tick(nowMs);
    const probe = this.#probe(pbx);
    hear(probe, instanceId, this.#nowMs);
    return this.#judge(probe);
  }

  /** Applies the sick rule to one reading of a probe's instrument; {@link addBatch} does it for the reading in a batch. */
  setInstrument(pbx: string, reading: InstrumentReading, nowMs: number): readonly string[] {
    this.#tick(nowMs);
    const probe = this.#probe(pbx);
    probe.condition = readInstrument(probe.condition, reading, this.#policy.sick, this.#nowMs);
    return this.#judge(probe);
  }

  /** Folds one batch. Its order is the order of settling; a batch must be given once (ingest drops repeats by sequence). */
  addBatch(batch: PathBatch): BatchResult {
    this.#tick(batch.nowMs);
    const probe = this.#probe(batch.pbx);
    hear(probe, batch.instanceId, this.#nowMs);
    if (batch.instrument) {
      probe.condition = readInstrument(probe.condition, batch.instrument, this.#policy.sick, this.#nowMs);
    }
    const isSick = this.#nowMs < probe.condition.sickUntilMs;
    const backlog = backlogMs(batch.measurements, batch.batchSentAtMs);
    let { answers } = probe.condition;
    let unknownTargets = 0;
    let abstained = 0;
    for (const measurement of batch.measurements) {
      if (measurement.kind === 'invite') {
        const atMs = this.#nowMs - Math.max(0, batch.batchSentAtMs - measurement.observedAtMs);
        const entries = calledEntries(probe, measurement);
        const clear = clearOf(measurement, entries);
        for (const entry of entries) addInvite(entry, clear, this.#policy, atMs);
        if (measurement.outcome === 'answered') {
          for (const { ref } of entries) answers = addAnswer(answers, ref.target, measurement.observedAtMs);
        }
        unknownTargets += entries.length > 0 ? 0 : 1;
        continue;
      }
      if (measurement.kind === 'registration') {
        for (const { entry } of trunkEntries(probe, measurement.trunk)) entry.registration = measurement.state;
        continue;
      }
      if (measurement.kind !== 'sip-options' && measurement.kind !== 'icmp') continue;
      const entry = probe.paths.get(measurement.target);
      const { outcome } = measurement;
      if (!entry) unknownTargets += 1;
      else if (isSick && outcome.kind !== 'answered') abstained += 1;
      else {
        const atMs = this.#nowMs - Math.max(0, batch.batchSentAtMs - measurement.sentAtMs);
        if (outcome.kind === 'answered') {
          answers = addAnswer(answers, measurement.target, measurement.sentAtMs);
        }
        if (measurement.kind === 'icmp') addIcmp(entry, measurement, atMs);
        else {
          addOptions(entry, measurement, this.#policy, atMs);
          const { pair } = measurement;
          if (pair !== undefined && outcome.kind !== 'not-measured') {
            probe.pairs.add(pair, measurement.target, outcome.kind !== 'answered', atMs);
          }
        }
      }
    }
    probe.condition = { ...probe.condition, backlogMs: backlog, answers };
    return { changedKeys: this.#judge(probe), unknownTargets, abstained, isSick };
  }

  /** Lets time pass: paths of silent probes become unknown. Call about once a second; costs one judgement a path. */
  advance(nowMs: number): readonly string[] {
    this.#tick(nowMs);
    return this.#advance().changedKeys;
  }

  /** Health of every path. */
  healths(nowMs: number): readonly PathHealth[] {
    this.#tick(nowMs);
    const { reader } = this.#advance();
    return [...this.#probes.values()].flatMap((probe) =>
      [...probe.paths.values()].map((entry) => reader.read(probe, entry)),
    );
  }

  /** Health of one path by its key; undefined for a path that is not declared. */
  health(key: string, nowMs: number): PathHealth | undefined {
    this.#tick(nowMs);
    const { name, pbx } = splitPathKey(key);
    const probe = this.#probes.get(pbx);
    const entry = probe?.paths.get(name);
    if (!probe || !entry) return undefined;
    this.#judge(probe);
    return this.#reader().read(probe, entry);
  }

  /** Health of the paths of one PBX; empty for one never declared. */
  healthsOf(pbx: string, nowMs: number): readonly PathHealth[] {
    this.#tick(nowMs);
    const probe = this.#probes.get(pbx);
    if (!probe) return [];
    this.#judge(probe);
    const reader = this.#reader();
    return [...probe.paths.values()].map((entry) => reader.read(probe, entry));
  }

  /**
   * Health of the paths whose *state* changed after change number `since` (0: all that ever changed).
   *
   * @returns `changeNumber` to ask with the next time.
   */
  changedSince(
    since: number,
    nowMs: number,
  ): { readonly changeNumber: number; readonly healths: readonly PathHealth[] } {
    this.#tick(nowMs);
    const { reader } = this.#advance();
    const healths: PathHealth[] = [];
    for (const probe of this.#probes.values()) {
      for (const entry of probe.paths.values()) {
        if (entry.changeNumber > since) healths.push(reader.read(probe, entry));
      }
    }
    return { changeNumber: this.#changeNumber, healths };
  }

  /**
   * Counts for the correlate stage over a window of at most 300 s. Only paths whose loss is evidence now: abstaining, unknown,
   * unmeasurable, probe-blocked and inherited paths are left out, and so are paths without a sample in the window.
   */
  evidence(windowMs: number, nowMs: number): readonly PathEvidence[] {
    this.advance(nowMs);
    const evidence: PathEvidence[] = [];
    for (const { paths } of this.#probes.values()) {
      for (const { ref, state, options, duty } of paths.values()) {
        if (!isLossEvidence(state) || duty?.role === 'inherit') continue;
        const counts = options.countsSince(this.#nowMs - windowMs);
        if (counts.sent > 0) evidence.push({ key: ref.key, ...counts });
      }
    }
    return evidence;
  }

  /**
   * Every path with a way to count its unbiased OPTIONS samples from a time on (hub time, at most 300 s back): what the
   * correlate stage looks at. The counts read live buckets, so ask before the next batch.
   */
  sight(nowMs: number): readonly PathSight[] {
    this.#tick(nowMs);
    const { reader } = this.#advance();
    return [...this.#probes.values()].flatMap((probe) =>
      [...probe.paths.values()].map((entry) => ({
        health: reader.read(probe, entry),
        countsSince: (sinceMs: number) =>
          entry.duty?.role === 'inherit' ? NOTHING : entry.options.countsSince(sinceMs),
      })),
    );
  }

  /** Memory worth keeping over a restart, as plain JSON; also of remembered paths whose PBX has not come back yet. */
  snapshot(nowMs: number): PathSnapshot {
    this.#tick(nowMs);
    const entries = [...this.#probes.values()].flatMap(({ paths }) => [...paths.values()]);
    const waiting = [...this.#remembered.values()];
    return {
      format: 'trunkward-paths-1',
      paths: [...entries.map((entry) => remember(entry, this.#nowMs)), ...waiting],
    };
  }

  /** Takes over a snapshot, once, before the first batch; every path stays unknown until it has fresh evidence (rule 9). */
  restore(snapshot: PathSnapshot): void {
    const entries = new Map(
      [...this.#probes.values()].flatMap(({ paths }) => [...paths.values()]).map((e) => [e.ref.key, e]),
    );
    for (const remembered of snapshot.paths) {
      const entry = entries.get(remembered.key);
      if (entry) recall(entry, remembered);
      else this.#remembered.set(remembered.key, remembered);
    }
  }

  #tick(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  #probe(pbx: string): ProbeEntry {
    const known = this.#probes.get(pbx);
    if (known) return known;
    const probe: ProbeEntry = {
      paths: new Map(),
      pairs: new PairLedger(),
      condition: UNHEARD_PROBE,
      duties: NO_DUTIES,
    };
    this.#probes.set(pbx, probe);
    return probe;
  }

  #judge(probe: ProbeEntry): readonly string[] {
    const changedKeys: string[] = [];
    for (const entry of probe.paths.values()) {
      if (entry.duty?.role === 'inherit') continue;
      const { state } = judgePath(pathFacts(entry, probe.condition, this.#nowMs), this.#policy, this.#nowMs);
      if (state !== entry.state) {
        this.#note(entry, state);
        changedKeys.push(entry.ref.key);
      }
    }
    return changedKeys;
  }

  #note(entry: PathEntry, state: PathHealth['state']): void {
    this.#changeNumber += 1;
    entry.state = state;
    entry.sinceMs = this.#nowMs;
    entry.samplesInState = 0;
    entry.lostInState = 0;
    entry.changeNumber = this.#changeNumber;
  }

  /** Judges everything as of now: paths that are asked first, since those left to others follow their witnesses. */
  #advance(): { readonly changedKeys: readonly string[]; readonly reader: PathReader } {
    const changedKeys = [...this.#probes.values()].flatMap((probe) => this.#judge(probe));
    const reader = this.#reader();
    for (const probe of this.#probes.values()) {
      for (const entry of probe.paths.values()) {
        if (entry.duty?.role !== 'inherit') continue;
        const { state } = reader.read(probe, entry);
        if (state === entry.state) continue;
        this.#note(entry, state);
        reader.forget(entry);
        changedKeys.push(entry.ref.key);
      }
    }
    return { changedKeys, reader };
  }

  #reader(): PathReader {
    return new PathReader(this.#probes, this.#policy, this.#nowMs);
  }
}

const NOTHING: LossCounts = { sent: 0, lost: 0, lossRuns: 0 };

function giveDuty(entry: PathEntry, duties: PathDuties): void {
  const duty = duties.get(entry.ref.target);
  if (duty?.role === 'inherit' && entry.duty?.role !== 'inherit') entry.path = leaveToOthers(entry.path);
  entry.duty = duty;
}

function hear(probe: ProbeEntry, instanceId: string, nowMs: number): void {
  const before = probe.condition.instanceId;
  probe.condition = hearProbe(probe.condition, instanceId, nowMs);
  if (before === undefined || before === instanceId) return;
  probe.pairs.startInstance();
  for (const entry of probe.paths.values()) entry.path = startInstance(entry.path);
}

function trunkEntries(probe: ProbeEntry, trunk: string) {
  return [...probe.paths.values()].flatMap((entry) => {
    const { end } = entry.ref;
    const isCalled = end.kind === 'trunk' && end.trunk === trunk && end.source === undefined;
    return isCalled ? [{ entry, edge: end.edge }] : [];
  });
}

function calledEntries(probe: ProbeEntry, { trunk, edge }: InviteMeasurement): readonly PathEntry[] {
  return trunkEntries(probe, trunk).flatMap((each) => (edge === undefined || each.edge === edge ? [each.entry] : []));
}

/** A failure without an edge, or at one of several addresses of an edge, is held against none: which one failed is not known. */
function clearOf(measurement: InviteMeasurement, entries: readonly PathEntry[]): InviteMeasurement {
  const edges = new Set(
    entries.map(({ ref: { end } }) => (end.kind === 'trunk' ? `${end.edge} ${end.host ?? ''}` : '')),
  );
  if (edges.size <= 1) return measurement;
  const { failure: _, ...unclear } = measurement;
  return unclear;
}
