import { type LineMeasurement, lineBitsPerSecond } from '../../wire/host-measurement.ts';
import type { ProbeMetrics } from './metrics-server.ts';

/** Counts transfers over the line into the probe's own metrics. */
export class LineBook {
  readonly #metrics: ProbeMetrics;

  constructor(metrics: ProbeMetrics) {
    this.#metrics = metrics;
  }

  /** One direction is over, or was not begun. */
  take(measurement: LineMeasurement): void {
    const { bytes, direction, outcome, target } = measurement;
    this.#metrics.count('lineTransfers', { target, direction, outcome });
    if (outcome !== 'measured') return;
    this.#metrics.count('lineBytes', { target, direction }, bytes);
    const rate = lineBitsPerSecond(measurement);
    if (rate !== undefined) this.#metrics.observe('lineRate', rate, { target, direction });
  }

  /** An order or a connection got nothing back. */
  takeRefused(reason: string): void {
    this.#metrics.count('lineRefused', { reason });
  }
}
