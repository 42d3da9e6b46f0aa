import { settledAtMs } from '../../wire/measured-at.ts';
import type { IcmpMeasurement, InviteMeasurement, Measurement, SipOptionsMeasurement } from '../../wire/measurement.ts';
import { addAnswer } from './latest-answers.ts';
import { addIcmp, addInvite, addOptions, type PathEntry } from './path-entry.ts';
import type { PathPolicy } from './path-policy.ts';
import type { ProbeEntry } from './probe-entry.ts';

/** How a batch bears on what is in it. */
export type IntakeContext = {
  readonly policy: PathPolicy;
  /** The probe's clock when the batch was sent, and hub time when it came. */
  readonly batchSentAtMs: number;
  readonly nowMs: number;
  /** The probe's instrument is sick: what it missed is left out. */
  readonly isSick: boolean;
  /** Told of each path that something was measured of. */
  readonly onTouched: (entry: PathEntry) => void;
};

/** Folds the measurements of one batch into the paths of its probe, one after the other in the order of settling. */
export class BatchIntake {
  readonly #probe: ProbeEntry;
  readonly #context: IntakeContext;
  #newestSettledAtMs: number | undefined;
  /** Measurements of targets that no path is declared for. */
  unknownTargets = 0;
  /** Misses left out because the probe's instrument was sick. */
  abstained = 0;

  constructor(probe: ProbeEntry, context: IntakeContext) {
    this.#probe = probe;
    this.#context = context;
  }

  /** Takes one measurement; kinds that bear on no path's state only tell how far the probe is behind. */
  take(measurement: Measurement): void {
    this.#newestSettledAtMs = Math.max(this.#newestSettledAtMs ?? 0, settledAtMs(measurement));
    if (measurement.kind === 'sip-options' || measurement.kind === 'icmp') this.#attempt(measurement);
    else if (measurement.kind === 'invite') this.#invite(measurement);
    else if (measurement.kind === 'registration') {
      for (const { entry } of trunkEntries(this.#probe, measurement.trunk)) {
        entry.registration = measurement.state;
        this.#context.onTouched(entry);
      }
    }
  }

  /** Notes on the probe how old the newest measurement was when the batch was sent; after the last one. */
  close(): void {
    const { batchSentAtMs } = this.#context;
    const newest = this.#newestSettledAtMs;
    const backlogMs = newest === undefined ? 0 : Math.max(0, batchSentAtMs - newest);
    this.#probe.condition = { ...this.#probe.condition, backlogMs };
  }

  #attempt(measurement: SipOptionsMeasurement | IcmpMeasurement): void {
    const { isSick, onTouched, policy } = this.#context;
    const { outcome, target, sentAtMs } = measurement;
    const entry = this.#probe.paths.get(target);
    if (!entry) {
      this.unknownTargets += 1;
      return;
    }
    if (isSick && outcome.kind !== 'answered') {
      this.abstained += 1;
      return;
    }
    const atMs = this.#hubTimeMs(sentAtMs);
    if (outcome.kind === 'answered') this.#answered(target, sentAtMs);
    if (measurement.kind === 'icmp') addIcmp(entry, measurement, atMs);
    else {
      addOptions(entry, measurement, policy, atMs);
      const { pair } = measurement;
      if (pair !== undefined && outcome.kind !== 'not-measured') {
        this.#probe.pairs.add(pair, target, outcome.kind !== 'answered', atMs);
      }
    }
    onTouched(entry);
  }

  #invite(measurement: InviteMeasurement): void {
    const { onTouched, policy } = this.#context;
    const atMs = this.#hubTimeMs(measurement.observedAtMs);
    const entries = calledEntries(this.#probe, measurement);
    const clear = clearOf(measurement, entries);
    for (const entry of entries) {
      addInvite(entry, clear, policy, atMs);
      if (measurement.outcome === 'answered') this.#answered(entry.ref.target, measurement.observedAtMs);
      onTouched(entry);
    }
    if (entries.length === 0) this.unknownTargets += 1;
  }

  #answered(target: string, sentAtMs: number): void {
    const { condition } = this.#probe;
    this.#probe.condition = { ...condition, answers: addAnswer(condition.answers, target, sentAtMs) };
  }

  #hubTimeMs(atMs: number): number {
    const { batchSentAtMs, nowMs } = this.#context;
    return nowMs - Math.max(0, batchSentAtMs - atMs);
  }
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
