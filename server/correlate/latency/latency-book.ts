import type { InstrumentReading, Measurement } from '../../../wire/measurement.ts';
import { isJudgeable, type PathEvidence } from '../path-evidence.ts';
import { type LaneSays, ShiftBook } from '../shift/shift-book.ts';
import { RTT_RULE } from '../shift/shift-rule.ts';
import { type ShiftView, together } from '../shift/shift-view.ts';
import type { PathShift, Verdict } from '../verdict.ts';

const KINDS = ['options-rtt', 'mesh-rtt', 'icmp-rtt'] as const;
type Kind = (typeof KINDS)[number];

/** Lanes of one path, by what was measured. */
type Lanes = Partial<Record<Kind, number>>;

/**
 * From here on a probe's own instrument would look like a shift of all its paths: half the least shift, as its loopback shows it, and
 * five times it as the longest waits of its event loop. Far below where the sick rule begins, which is about loss.
 */
const COARSE_SELF_PROBE_MS = RTT_RULE.leastShift / 2;
const COARSE_EVENT_LOOP_MS = RTT_RULE.leastShift * 5;
const COARSE_FOR_MS = 10_000;

/**
 * Round trips of every path beside their own baselines: OPTIONS (request to answer; neither connecting nor TLS is in it), the RTP
 * mesh, and ICMP, which is shown and is never a ground by itself. Deterministic; mutable. Times are hub time.
 */
export class LatencyBook implements ShiftView {
  readonly symptom = 'latency';
  readonly #book = new ShiftBook(RTT_RULE);
  readonly #paths = new Map<string, Map<string, Lanes>>();
  readonly #coarseUntilMs = new Map<string, number>();

  isAnyShifted(nowMs: number): boolean {
    return this.#book.isAnyShifted(nowMs);
  }

  /** Takes a reading of a probe's instrument: while it is coarse, no round trip of that probe counts (safety rule 1). */
  instrument(pbx: string, { eventLoopDelayP99Ms, selfProbeRttMs }: InstrumentReading, nowMs: number): void {
    const isCoarse = eventLoopDelayP99Ms > COARSE_EVENT_LOOP_MS || (selfProbeRttMs ?? 0) > COARSE_SELF_PROBE_MS;
    if (isCoarse) this.#coarseUntilMs.set(pbx, nowMs + COARSE_FOR_MS);
    else if (nowMs >= (this.#coarseUntilMs.get(pbx) ?? 0)) this.#coarseUntilMs.delete(pbx);
  }

  /** Takes one measurement that was made at `atMs`, hub time; kinds without a round trip are passed over. */
  add(pbx: string, measurement: Measurement, atMs: number): void {
    if (this.#coarseUntilMs.has(pbx)) return;
    if (measurement.kind === 'rtp-mesh') {
      if (measurement.rtt) this.#book.add(this.#lane(pbx, measurement.target, 'mesh-rtt'), atMs, measurement.rtt.p50Ms);
      return;
    }
    if (measurement.kind !== 'sip-options' && measurement.kind !== 'icmp') return;
    const { outcome, schedule, target } = measurement;
    if (outcome.kind !== 'answered' || (schedule !== 'liveness' && schedule !== 'loss')) return;
    const kind = measurement.kind === 'icmp' ? 'icmp-rtt' : 'options-rtt';
    this.#book.add(this.#lane(pbx, target, kind), atMs, outcome.rttMs);
  }

  /** Forgets what is no longer declared of a PBX. */
  keepOnly(pbx: string, targets: ReadonlySet<string>): void {
    const known = this.#paths.get(pbx);
    if (!known) return;
    for (const [target, lanes] of known) {
      if (targets.has(target)) continue;
      known.delete(target);
      for (const kind of KINDS) if (lanes[kind] !== undefined) this.#book.close(lanes[kind]);
    }
  }

  /** Baselines of verdicts that were open when the hub stopped, so that the shift is not learnt as usual. */
  recall(verdicts: readonly Verdict[]): void {
    for (const { clearedAtMs, shifts = [], symptom } of verdicts) {
      if (symptom !== 'latency' || clearedAtMs !== undefined) continue;
      for (const { pathKey, spread, usual, what } of shifts) {
        const [pbx = '', target = ''] = pathKey.split('>');
        const kind = KINDS.find((each) => each === what);
        if (kind) this.#book.recall(this.#lane(pbx, target, kind), usual, spread);
      }
    }
  }

  says({ health }: PathEvidence, nowMs: number): LaneSays {
    const lanes = this.#isTelling(health) ? this.#lanesOf(health) : undefined;
    if (!lanes) return NOTHING;
    return this.#both(lanes, (lane) => this.#book.says(lane, nowMs));
  }

  saysSince({ health }: PathEvidence, sinceMs: number, nowMs: number): LaneSays {
    const lanes = this.#isTelling(health) ? this.#lanesOf(health) : undefined;
    if (!lanes) return NOTHING;
    return this.#both(lanes, (lane) => this.#book.saysSince(lane, sinceMs, nowMs));
  }

  figures({ health }: PathEvidence, nowMs: number): readonly PathShift[] {
    const lanes = this.#lanesOf(health);
    const found = KINDS.flatMap((what): PathShift[] => {
      const lane = lanes?.[what];
      const figures = lane === undefined ? undefined : this.#book.figures(lane);
      if (lane === undefined || !figures) return [];
      const says = this.#book.says(lane, nowMs);
      const shared = { pathKey: health.ref.key, what, unit: 'milliseconds', direction: 'round-trip' } as const;
      const since = says.kind === 'shifted' ? { isShifted: true, sinceMs: says.sinceMs } : { isShifted: false };
      return [{ ...shared, ...figures, ...since }];
    });
    return found.toSorted((one, other) => Number(other.isShifted) - Number(one.isShifted));
  }

  isSettledSince({ health }: PathEvidence, sinceMs: number): boolean {
    const lanes = this.#lanesOf(health);
    return KINDS.some((kind) => {
      const lane = lanes?.[kind];
      return lane !== undefined && (this.#book.settledAtMs(lane) ?? Number.NEGATIVE_INFINITY) >= sinceMs;
    });
  }

  #isTelling(health: PathEvidence['health']): boolean {
    return isJudgeable(health) && !this.#coarseUntilMs.has(health.ref.pbx);
  }

  #both(lanes: Lanes, ask: (lane: number) => LaneSays): LaneSays {
    const options = lanes['options-rtt'];
    const mesh = lanes['mesh-rtt'];
    const said = options === undefined ? NOTHING : ask(options);
    return mesh === undefined ? said : together(said, ask(mesh));
  }

  #lanesOf({ ref }: PathEvidence['health']): Lanes | undefined {
    return this.#paths.get(ref.pbx)?.get(ref.target);
  }

  #lane(pbx: string, target: string, kind: Kind): number {
    const ofPbx = this.#paths.get(pbx) ?? new Map<string, Lanes>();
    this.#paths.set(pbx, ofPbx);
    const lanes = ofPbx.get(target) ?? {};
    ofPbx.set(target, lanes);
    const lane = lanes[kind] ?? this.#book.open();
    lanes[kind] = lane;
    return lane;
  }
}

const NOTHING: LaneSays = { kind: 'none' };
