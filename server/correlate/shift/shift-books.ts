import { settledAtMs } from '../../../wire/measured-at.ts';
import type { InstrumentReading, Measurement } from '../../../wire/measurement.ts';
import type { HelloFrame } from '../../../wire/probe-frames.ts';
import { LatencyBook } from '../latency/latency-book.ts';
import { MediaBook } from '../media/media-book.ts';
import type { PathEvidence } from '../path-evidence.ts';
import type { Verdict } from '../verdict.ts';
import type { ShiftInput } from './shift-pass.ts';

/** Targets of a PBX by name, as its probe declared them; undefined for one that never said hello. */
export type TargetsOf = (pbx: string) => ReadonlyMap<string, HelloFrame['targets'][number]> | undefined;

/** Baselines of latency and media over the whole fleet. Deterministic; mutable. Times are hub time. */
export class ShiftBooks {
  readonly #latency = new LatencyBook();
  readonly #media: MediaBook;

  constructor(targetsOf: TargetsOf) {
    this.#media = new MediaBook((pbx, trunk, edge) => callPath(targetsOf(pbx), trunk, edge));
  }

  /** A reading of a probe's instrument, before the measurements that came with it. */
  instrument(pbx: string, reading: InstrumentReading, nowMs: number): void {
    this.#latency.instrument(pbx, reading, nowMs);
  }

  /** Takes a measurement of a declared target or trunk, of a probe that is not sick. */
  add(
    pbx: string,
    measurement: Measurement,
    { batchSentAtMs, nowMs }: { readonly batchSentAtMs: number; readonly nowMs: number },
  ): void {
    const atMs = nowMs - Math.max(0, batchSentAtMs - settledAtMs(measurement));
    this.#latency.add(pbx, measurement, atMs);
    this.#media.add(pbx, measurement, atMs);
  }

  /** The paths of a PBX from now on; others of it are forgotten. */
  keepOnly(pbx: string, refs: readonly { readonly target: string }[]): void {
    const targets = new Set(refs.map(({ target }) => target));
    this.#latency.keepOnly(pbx, targets);
    this.#media.keepOnly(pbx, targets);
  }

  /** Verdicts that an earlier life of the hub left open. */
  recall(verdicts: readonly Verdict[]): void {
    this.#latency.recall(verdicts);
    this.#media.recall(verdicts);
  }

  /** What a pass looks at: latency on the paths of loss, media on all that calls or mesh streams were reported on. */
  inputs(watched: () => readonly PathEvidence[]): { readonly latency: ShiftInput; readonly media: ShiftInput } {
    return {
      latency: { view: this.#latency },
      media: { view: this.#media, paths: () => watched().filter((path) => this.#media.hasLanes(path)) },
    };
  }
}

/** The path to the edge that was called; where the edge is not told, the first of the trunk stands for all of them. */
function callPath(targets: ReturnType<TargetsOf>, trunk: string, edge: string | undefined): string | undefined {
  let first: string | undefined;
  for (const [name, target] of targets ?? []) {
    if (target.kind !== 'trunk' || target.trunk !== trunk) continue;
    if (edge === undefined || target.edge === edge) return name;
    first ??= name;
  }
  return first;
}
