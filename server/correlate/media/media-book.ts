import type { Measurement } from '../../../wire/measurement.ts';
import type { MeshMeasurement, RtpCallMeasurement } from '../../../wire/rtp-measurement.ts';
import { reportMos } from '../../paths/quality/figures/mos-figure.ts';
import type { PathEvidence } from '../path-evidence.ts';
import type { LaneSays } from '../shift/shift-book.ts';
import type { ShiftView } from '../shift/shift-view.ts';
import type { PathShift, Verdict } from '../verdict.ts';
import { type MediaLane, MediaLedger, type MediaSubject } from './media-lane.ts';
import { MAX_PACING_LATE_MS, MIN_PACKETS } from './media-rules.ts';

/** The path that calls of a PBX at a trunk go by; undefined where none is declared. */
export type CallPathOf = (pbx: string, trunk: string, edge: string | undefined) => string | undefined;

/** Lanes of one path; more codecs than so many are passed over. */
const MAX_LANES = 24;
/** Codec of the mesh's own stream in the E-model. */
const MESH_CODEC = 'ulaw';

/**
 * How media sound on every path beside its own baseline, each direction and codec by itself: jitter and MOS of calls from their RTCP,
 * jitter, delay variation and MOS of the RTP mesh. A call whose media go past the PBX tells nothing. Deterministic; mutable. Times
 * are hub time.
 */
export class MediaBook implements ShiftView {
  readonly symptom = 'media';
  readonly #ledger = new MediaLedger();
  readonly #paths = new Map<string, Map<string, Map<string, MediaLane>>>();
  readonly #callPathOf: CallPathOf;

  constructor(callPathOf: CallPathOf) {
    this.#callPathOf = callPathOf;
  }

  isAnyShifted(nowMs: number): boolean {
    return this.#ledger.isAnyShifted(nowMs);
  }

  /** Takes one measurement that was made at `atMs`, hub time; kinds that are not of media are passed over. */
  add(pbx: string, measurement: Measurement, atMs: number): void {
    if (measurement.kind === 'rtp-call') this.#call(pbx, measurement, atMs);
    else if (measurement.kind === 'rtp-mesh') this.#mesh(pbx, measurement, atMs);
  }

  /** Forgets what is no longer declared of a PBX. */
  keepOnly(pbx: string, targets: ReadonlySet<string>): void {
    const known = this.#paths.get(pbx);
    for (const [target, lanes] of known ?? []) {
      if (targets.has(target)) continue;
      known?.delete(target);
      for (const lane of lanes.values()) this.#ledger.close(lane);
    }
  }

  /** Baselines of verdicts that were open when the hub stopped, so that the shift is not learnt as usual. */
  recall(verdicts: readonly Verdict[]): void {
    for (const { clearedAtMs, shifts = [], symptom } of verdicts) {
      if (symptom !== 'media' || clearedAtMs !== undefined) continue;
      for (const shift of shifts) {
        const { codec, direction, pathKey, what } = shift;
        if (what !== 'jitter' && what !== 'delay-variation' && what !== 'mos') continue;
        const [pbx = '', target = ''] = pathKey.split('>');
        const lane = this.#lane(pbx, target, { what, direction, ...(codec !== undefined && { codec }) });
        if (lane) this.#ledger.recall(lane, shift);
      }
    }
  }

  /** True for a path that any media were ever reported on. */
  hasLanes({ health: { ref } }: PathEvidence): boolean {
    return this.#paths.get(ref.pbx)?.has(ref.target) ?? false;
  }

  says(path: PathEvidence, nowMs: number): LaneSays {
    return this.#worst(path, (lane) => this.#ledger.says(lane, nowMs));
  }

  saysSince(path: PathEvidence, sinceMs: number, nowMs: number): LaneSays {
    return this.#worst(path, (lane) => this.#ledger.saysSince(lane, sinceMs, nowMs));
  }

  figures(path: PathEvidence, nowMs: number): readonly PathShift[] {
    const { key } = path.health.ref;
    const found = this.#lanesOf(path).flatMap((lane) => this.#ledger.figures(lane, key, nowMs) ?? []);
    return found.toSorted((one, other) => Number(other.isShifted) - Number(one.isShifted));
  }

  isSettledSince(path: PathEvidence, sinceMs: number): boolean {
    return this.#lanesOf(path).some((lane) => (this.#ledger.settledAtMs(lane) ?? Number.NEGATIVE_INFINITY) >= sinceMs);
  }

  #call(pbx: string, measurement: RtpCallMeasurement, atMs: number): void {
    const { codec, direction: way, edge, expected, jitterMs, leg, lost, rttMs, trunk } = measurement;
    const target = this.#callPathOf(pbx, trunk, edge);
    if (target === undefined || codec === undefined || expected < MIN_PACKETS) return;
    const direction = way === 'sent' ? 'forward' : 'reverse';
    if (jitterMs !== undefined)
      this.#take(pbx, target, { what: 'jitter', direction, codec }, { atMs, value: jitterMs, leg });
    const mos = reportMos(lost / expected, { codec, rttMs, burstRatio: 1 });
    if (mos !== undefined) this.#take(pbx, target, { what: 'mos', direction, codec }, { atMs, value: mos, leg });
  }

  #mesh(pbx: string, { direction, figures, rtt, target }: MeshMeasurement, atMs: number): void {
    const { delayVariation, expected, jitterMs, lost, pacingLateP99Ms = 0 } = figures;
    if (expected < MIN_PACKETS || pacingLateP99Ms > MAX_PACING_LATE_MS) return;
    const take = (what: MediaSubject['what'], value: number) =>
      this.#take(pbx, target, { what, direction }, { atMs, value, leg: undefined });
    take('jitter', jitterMs);
    if (delayVariation) take('delay-variation', delayVariation.p95Ms);
    const mos = reportMos(lost / expected, { codec: MESH_CODEC, rttMs: rtt?.p50Ms, burstRatio: 1 });
    if (mos !== undefined) take('mos', mos);
  }

  #take(
    pbx: string,
    target: string,
    subject: MediaSubject,
    report: { readonly atMs: number; readonly value: number; readonly leg: number | undefined },
  ): void {
    const lane = this.#lane(pbx, target, subject);
    if (lane) this.#ledger.add(lane, report.atMs, report.value, report.leg);
  }

  /** A path is shifted where any of its lanes is, and clean where none is in doubt and some tell. */
  #worst(path: PathEvidence, ask: (lane: MediaLane) => LaneSays): LaneSays {
    if (path.health.isAbstaining) return { kind: 'none' };
    const said = this.#lanesOf(path).map(ask);
    const since = said.flatMap((each) => (each.kind === 'shifted' ? [each.sinceMs] : []));
    if (since.length > 0) return { kind: 'shifted', sinceMs: Math.min(...since) };
    return said.find(({ kind }) => kind === 'unsure') ?? said.find(({ kind }) => kind === 'clean') ?? { kind: 'none' };
  }

  #lanesOf({ health: { ref } }: PathEvidence): readonly MediaLane[] {
    return [...(this.#paths.get(ref.pbx)?.get(ref.target)?.values() ?? [])];
  }

  #lane(pbx: string, target: string, subject: MediaSubject): MediaLane | undefined {
    const ofPbx = this.#paths.get(pbx) ?? new Map<string, Map<string, MediaLane>>();
    this.#paths.set(pbx, ofPbx);
    const lanes = ofPbx.get(target) ?? new Map<string, MediaLane>();
    ofPbx.set(target, lanes);
    const key = `${subject.what} ${subject.direction} ${subject.codec ?? ''}`;
    const known = lanes.get(key);
    if (known || lanes.size >= MAX_LANES) return known;
    const opened = this.#ledger.open(subject);
    lanes.set(key, opened);
    return opened;
  }
}
