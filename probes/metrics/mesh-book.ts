import type { MeshIdleMeasurement, MeshMeasurement } from '../../wire/rtp-measurement.ts';
import type { ProbeMetrics } from './metrics-server.ts';

/** Counts what the RTP mesh met into the probe's own metrics. */
export class MeshBook {
  readonly #metrics: ProbeMetrics;

  constructor(metrics: ProbeMetrics) {
    this.#metrics = metrics;
  }

  /** One report of a stream, or why there is none. */
  take(measurement: MeshMeasurement | MeshIdleMeasurement): void {
    const { target } = measurement;
    if (measurement.kind === 'rtp-mesh-idle') {
      this.#metrics.count('meshIdle', { target, reason: measurement.because });
      return;
    }
    const { direction, figures } = measurement;
    const labels = { target, direction };
    this.#metrics.count('meshPackets', labels, figures.expected);
    this.#metrics.count('meshLost', labels, figures.lost);
    this.#metrics.count('meshDuplicates', labels, figures.duplicates);
    this.#metrics.count('meshReordered', labels, figures.reordered);
    this.#metrics.observe('meshJitter', figures.jitterMs / 1000, labels);
  }

  /** Every round trip and every lateness of one report. */
  takeSamples(target: string, rttsMs: readonly number[], latesMs: readonly number[]): void {
    for (const rttMs of rttsMs) this.#metrics.observe('meshRtt', rttMs / 1000, { target });
    for (const lateMs of latesMs) this.#metrics.observe('meshPacingLate', lateMs / 1000);
  }

  /** Datagrams that the system dropped in front of the mesh port. */
  takeOwnDrops(count: number): void {
    this.#metrics.count('meshOwnDrops', {}, count);
  }

  /** Datagrams on the mesh port that got nothing back. */
  takeRefused(reason: string, count: number): void {
    this.#metrics.count('meshRefused', { reason }, count);
  }
}
