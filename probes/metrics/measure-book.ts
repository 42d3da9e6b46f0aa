import type { IcmpMeasurement, InstrumentReading, SipOptionsMeasurement } from '../../wire/measurement.ts';
import type { ProbeMetrics } from './metrics-server.ts';

/** Counts measurements into the probe's own metrics, and remembers which targets answered last. */
export class MeasureBook {
  readonly #metrics: ProbeMetrics;
  readonly #missing = new Set<string>();

  constructor(metrics: ProbeMetrics) {
    this.#metrics = metrics;
  }

  /** Counts one measurement. @returns true for a change of state: the first miss after an answer, or the first answer after misses. */
  take(measurement: SipOptionsMeasurement | IcmpMeasurement): boolean {
    const { kind, outcome, target } = measurement;
    const isOptions = kind === 'sip-options';
    if (outcome.kind === 'not-measured') {
      if (isOptions) this.#metrics.count('optionsNotMeasured', { target, reason: outcome.reason });
      return false;
    }
    const labels = isOptions ? { target, schedule: measurement.schedule } : { target };
    this.#metrics.count(isOptions ? 'optionsSent' : 'icmpSent', labels);
    if (outcome.kind === 'answered') {
      this.#metrics.observe(isOptions ? 'optionsRtt' : 'icmpRtt', outcome.rttMs / 1000, { target });
      return isOptions && this.#missing.delete(target);
    }
    this.#metrics.count(isOptions ? 'optionsLost' : 'icmpLost', labels);
    if (!isOptions || this.#missing.has(target)) return false;
    this.#missing.add(target);
    return true;
  }

  /** Takes over the instrument's own figures; a round trip that was not measured is NaN, not the last good one. */
  takeReading(reading: InstrumentReading): void {
    this.#metrics.set('eventLoopDelay', reading.eventLoopDelayP99Ms / 1000);
    this.#metrics.set('selfProbeRtt', (reading.selfProbeRttMs ?? Number.NaN) / 1000);
  }
}
