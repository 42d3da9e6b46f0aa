import type { InstrumentReading, Measurement } from '../../wire/measurement.ts';

/** Most measurements in one batch frame (wire/probe-frames.ts). */
export const MAX_BATCH = 500;

/** A measurement waits no longer than this for others to share its batch. */
export const BATCH_WAIT_MS = 100;

/** What a batch frame is filled with. */
export type BatchContent = {
  readonly measurements: readonly Measurement[];
  readonly instrument: InstrumentReading | undefined;
};

/**
 * Measurements on their way to the hub. Bounded: when full the oldest is dropped and counted (safety rule 8). No clock
 * and no timer of its own; times are the caller's monotonic ones. The queue is owned by the uplink; it keeps what it is
 * given.
 */
export class MeasurementQueue {
  readonly #capacity: number;
  #items: Measurement[] = [];
  #head = 0;
  #dropped = 0;
  #instrument: InstrumentReading | undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;

  /** @param capacity - measurements held at most; 5,000 are about two minutes of 40 targets at 1 s. */
  constructor(capacity = 5000) {
    this.#capacity = Math.max(1, capacity);
  }

  /** Measurements waiting. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Measurements dropped since the start, oldest first. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Monotonic time at which the next batch should leave; `Infinity` when there is nothing to send. */
  get dueAtMs(): number {
    return this.length >= MAX_BATCH ? Number.NEGATIVE_INFINITY : this.#dueAtMs;
  }

  /** @param isUrgent - a state changed (first miss, first answer): the batch leaves at once, with all that waits. */
  push(measurement: Measurement, nowMs: number, isUrgent: boolean): void {
    if (this.length >= this.#capacity) {
      this.#head += 1;
      this.#dropped += 1;
      if (this.#head > this.#capacity) this.#compact();
    }
    this.#items.push(measurement);
    this.#dueAtMs = Math.min(this.#dueAtMs, isUrgent ? nowMs : nowMs + BATCH_WAIT_MS);
  }

  /** Keeps the newest reading for the next batch; one that was not sent in time is replaced, as its counters are totals. */
  setInstrument(reading: InstrumentReading, nowMs: number): void {
    this.#instrument = reading;
    this.#dueAtMs = Math.min(this.#dueAtMs, nowMs + BATCH_WAIT_MS);
  }

  /**
   * Takes out the oldest measurements, at most {@link MAX_BATCH}.
   *
   * @returns `undefined` where nothing is due; after a full batch more may be due at once.
   */
  take(nowMs: number): BatchContent | undefined {
    if (this.dueAtMs > nowMs) return undefined;
    const measurements = this.#items.slice(this.#head, this.#head + MAX_BATCH);
    const instrument = this.#instrument;
    this.#head += measurements.length;
    this.#compact();
    this.#instrument = undefined;
    this.#dueAtMs = this.length > 0 ? nowMs : Number.POSITIVE_INFINITY;
    return { measurements, instrument };
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}
