import { outcomeWord } from '../wire/measured-at.ts';
import type { Measurement } from '../wire/measurement.ts';
import type { BatchFrame } from '../wire/probe-frames.ts';
import type { AssignRunner } from './assign/assign-runner.ts';
import type { Engine } from './engine.ts';
import type { Fleet } from './fleet.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import type { LineOrderRunner } from './orders/line-order-runner.ts';
import type { QualityRunner } from './quality-runner.ts';

/** Whom a batch concerns. */
export type BatchParts = {
  readonly engine: Engine;
  readonly fleet: Fleet;
  readonly assign: AssignRunner;
  readonly lines: LineOrderRunner;
  readonly quality: QualityRunner;
  readonly metrics: HubMetrics;
  /** Hub time. */
  readonly nowMs: () => number;
};

/** Hands the measurements of a batch to all whom they concern, in one walk over them. */
export class BatchRunner {
  readonly #parts: BatchParts;
  readonly #dropped = new Map<string, number>();

  constructor(parts: BatchParts) {
    this.#parts = parts;
  }

  /** Another run of a probe counts from nothing what it dropped. */
  hello(pbx: string): void {
    this.#dropped.delete(pbx);
  }

  /** Takes one batch. @returns whether a path's state changed with it, so that a pass is worth making at once. */
  take(pbx: string, instanceId: string, frame: BatchFrame): boolean {
    const { assign, engine, lines, metrics, nowMs, quality } = this.#parts;
    const atMs = nowMs();
    const others: Measurement[] = [];
    const { changedKeys } = engine.batch(pbx, instanceId, frame, atMs, (measurement, ground) => {
      metrics.count('measurements', { kind: measurement.kind, outcome: outcomeWord(measurement) });
      if (measurement.kind === 'sip-options' || measurement.kind === 'icmp') return;
      quality.measured(pbx, measurement, ground, atMs);
      others.push(measurement);
    });
    if (others.length > 0) {
      assign.measured(pbx, others);
      lines.measured(pbx, others);
    }
    metrics.count('framesReceived', { type: 'batch' });
    if (frame.instrument) this.#countDropped(pbx, frame.instrument.droppedMeasurements);
    return changedKeys.length > 0;
  }

  #countDropped(pbx: string, droppedMeasurements: number): void {
    const { fleet, metrics } = this.#parts;
    const dropped = droppedMeasurements - (this.#dropped.get(pbx) ?? 0);
    const site = fleet.siteOf.get(pbx) ?? '';
    if (dropped > 0) metrics.count('measurementsDropped', { site, pbx }, dropped);
    this.#dropped.set(pbx, droppedMeasurements);
  }
}
