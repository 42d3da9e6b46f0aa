import type {
  CertificateMeasurement,
  IcmpMeasurement,
  InstrumentReading,
  SipOptionsMeasurement,
} from '../../wire/measurement.ts';
import type { ProbeMetrics } from './metrics-server.ts';

/** Counts measurements into the probe's own metrics, and remembers which targets answered last. */
export class MeasureBook {
  readonly #metrics: ProbeMetrics;
  readonly #missing = new Set<string>();
  readonly #hopLimits = new Map<string, number>();

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
    if (measurement.kind === 'icmp' && measurement.hopLimit !== undefined)
      this.#takeHopLimit(target, measurement.hopLimit);
    if (outcome.kind === 'answered') {
      if (isOptions) this.#takeReply(target, outcome.statusCode);
      this.#metrics.observe(isOptions ? 'optionsRtt' : 'icmpRtt', outcome.rttMs / 1000, { target });
      return isOptions && this.#missing.delete(target);
    }
    this.#metrics.count(isOptions ? 'optionsLost' : 'icmpLost', labels);
    if (!isOptions || this.#missing.has(target)) return false;
    this.#missing.add(target);
    return true;
  }

  /** Notes the certificate that a target showed; it stands until another is shown. */
  takeCertificate({ isAccepted, target, validUntilEpochMs }: CertificateMeasurement): void {
    this.#metrics.set('certificateNotAfter', validUntilEpochMs / 1000, { target });
    this.#metrics.set('certificateAccepted', isAccepted ? 1 : 0, { target });
  }

  #takeReply(target: string, statusCode: number | undefined): void {
    if (statusCode === undefined) return;
    this.#metrics.count('optionsReplies', { target, status_class: `${Math.floor(statusCode / 100)}xx` });
  }

  #takeHopLimit(target: string, hopLimit: number): void {
    const before = this.#hopLimits.get(target);
    this.#hopLimits.set(target, hopLimit);
    this.#metrics.set('icmpHopLimit', hopLimit, { target });
    if (before !== undefined && before !== hopLimit) this.#metrics.count('icmpHopLimitChanges', { target });
  }

  /** Takes over the instrument's own figures; a round trip that was not measured is NaN, not the last good one. */
  takeReading(reading: InstrumentReading): void {
    this.#metrics.set('eventLoopDelay', reading.eventLoopDelayP99Ms / 1000);
    this.#metrics.set('selfProbeRtt', (reading.selfProbeRttMs ?? Number.NaN) / 1000);
    const clock = reading.clock?.isSynchronised === true ? reading.clock : undefined;
    this.#metrics.set('clockOffset', (clock?.offsetMs ?? Number.NaN) / 1000);
    this.#metrics.set('clockError', (reading.clock?.errorMs ?? Number.NaN) / 1000);
  }
}
