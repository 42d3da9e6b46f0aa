import type { QualifyMeasurement } from '../../../wire/call-measurement.ts';
import type { QualifySample } from './qualify-tail.ts';

/** Samples kept for one contact: an hour of one each 15 s. */
const MAX_SAMPLES = 240;
/** The probe tells an unchanged status once a minute; after a longer silence nothing is known of the time between. */
const MAX_SILENCE_MS = 120_000;

/**
 * Samples of one contact's qualify. While it stays unreachable each qualify that was due since the last word is one more
 * sample that nothing answered, so that a long outage does not count as a single one. Only time between two words of the probe
 * is filled, and never a gap of more than two minutes: silence is not loss (safety rule 2).
 */
export class QualifyLog {
  readonly #samples: { readonly atMs: number; readonly sample: QualifySample }[] = [];
  #last: QualifyMeasurement | undefined;
  #atMs = Number.NEGATIVE_INFINITY;
  #missedToMs = Number.NEGATIVE_INFINITY;

  /** What was told last, and when (hub time). */
  get last(): QualifyMeasurement | undefined {
    return this.#last;
  }

  /** Hub time of {@link last}. */
  get atMs(): number {
    return this.#atMs;
  }

  /** Takes what the probe read at `atMs`, hub time. */
  add(measurement: QualifyMeasurement, atMs: number): void {
    const { rttMs, status, timeoutS } = measurement;
    const miss: QualifySample = { rttMs: undefined, timeoutMs: timeoutS * 1000 };
    const wasUnreachable = this.#last?.status === 'unreachable';
    if (wasUnreachable && atMs - this.#atMs <= MAX_SILENCE_MS) this.#fill(measurement, atMs, miss);
    else if (status === 'unreachable') {
      if (!wasUnreachable) this.#push(miss, atMs);
      this.#missedToMs = atMs;
    }
    if (rttMs !== undefined) this.#push({ rttMs, timeoutMs: timeoutS * 1000 }, atMs);
    this.#last = measurement;
    this.#atMs = atMs;
  }

  /** Samples since `sinceMs`, oldest first. */
  samples(sinceMs: number): readonly QualifySample[] {
    return this.#samples.flatMap(({ atMs, sample }) => (atMs > sinceMs ? [sample] : []));
  }

  /** The qualifies that were due between two words; the one that a reachable word tells of is not among them. */
  #fill({ frequencyS, status }: QualifyMeasurement, atMs: number, miss: QualifySample): void {
    const everyMs = frequencyS * 1000;
    if (everyMs <= 0) return;
    const lastDueMs = status === 'unreachable' ? atMs : atMs - everyMs;
    while (this.#missedToMs + everyMs <= lastDueMs) {
      this.#missedToMs += everyMs;
      this.#push(miss, this.#missedToMs);
    }
  }

  #push(sample: QualifySample, atMs: number): void {
    this.#samples.push({ atMs, sample });
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }
}
