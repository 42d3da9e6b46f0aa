/** Longest window kept, in seconds. */
export const MAX_WINDOW_SECONDS = 300;

/** Most samples one second can hold; the rest of that second is left out whole, sent and lost alike. */
const MAX_SAMPLES_PER_SECOND = 255;

/** Answered samples remembered while an earlier one may still be waiting for its time-out. */
const MAX_WAITING = 16;

/** Bytes of one bucket, and what stands in each. */
const BUCKET_BYTES = 4;
const SENT = 0;
const LOST = 1;
/** Runs that begin in the bucket. */
const RUNS = 2;
/** 1 where the first loss of the bucket goes on with a run from an earlier one. */
const CONTINUED = 3;

/** Counts over a window. A run of consecutive lost samples counts once in `lossRuns`. */
export type LossCounts = { readonly sent: number; readonly lost: number; readonly lossRuns: number };

/**
 * Sent, lost and loss runs of one path in buckets of a second. Mutable, owned by one path table entry; four bytes a second.
 *
 * Runs follow the order of sending: a sample that timed out late does not split or join runs for settling late.
 */
export class LossWindow {
  readonly #spanSeconds: number;
  /** Four counts a bucket: see the offsets above. Taken with the first sample. */
  #buckets: Uint8Array | undefined;
  #headSecond: number | undefined;
  #lastLostAtMs: number | undefined;
  /** Sending times of answered samples after the last loss: the earliest, and the latest few. */
  #earliestAnsweredAtMs: number | undefined;
  #latestAnsweredAtMs: number[] = [];

  /** @param spanSeconds - how far back counts reach, 1 to {@link MAX_WINDOW_SECONDS}. */
  constructor(spanSeconds = MAX_WINDOW_SECONDS) {
    this.#spanSeconds = Math.min(MAX_WINDOW_SECONDS, Math.max(1, Math.floor(spanSeconds)));
  }

  /** Adds one sample by the hub time at which it was sent; one older than the span is left out. */
  add(atMs: number, isLost: boolean): void {
    const second = Math.floor(atMs / 1000);
    const buckets = this.#advance(second);
    if (this.#headSecond !== undefined && second <= this.#headSecond - this.#spanSeconds) return;
    const at = (second % this.#spanSeconds) * BUCKET_BYTES;
    if ((buckets[at + SENT] ?? 0) >= MAX_SAMPLES_PER_SECOND) return;
    const count = (lane: number) => {
      buckets[at + lane] = (buckets[at + lane] ?? 0) + 1;
    };
    count(SENT);
    if (!isLost) {
      this.#noteAnswer(atMs);
      return;
    }
    const isNewRun = this.#noteLoss(atMs);
    if (isNewRun) count(RUNS);
    else if (buckets[at + LOST] === 0) count(CONTINUED);
    count(LOST);
  }

  /**
   * Counts of the whole seconds from `sinceMs` (hub time) on. A run that began before counts as one where its losses
   * reach into the window.
   */
  countsSince(sinceMs: number): LossCounts {
    const buckets = this.#buckets;
    if (!buckets || this.#headSecond === undefined) return { sent: 0, lost: 0, lossRuns: 0 };
    const first = Math.max(Math.ceil(sinceMs / 1000), this.#headSecond - this.#spanSeconds + 1);
    let sent = 0;
    let lost = 0;
    let lossRuns = 0;
    for (let second = first; second <= this.#headSecond; second += 1) {
      const at = (second % this.#spanSeconds) * BUCKET_BYTES;
      const lostHere = buckets[at + LOST] ?? 0;
      if (lost === 0 && lostHere > 0) lossRuns += buckets[at + CONTINUED] ?? 0;
      sent += buckets[at + SENT] ?? 0;
      lost += lostHere;
      lossRuns += buckets[at + RUNS] ?? 0;
    }
    return { sent, lost, lossRuns };
  }

  #advance(second: number): Uint8Array {
    this.#buckets ??= new Uint8Array(this.#spanSeconds * BUCKET_BYTES);
    const head = this.#headSecond;
    if (head !== undefined && second <= head) return this.#buckets;
    const from = head === undefined ? second : Math.max(head + 1, second - this.#spanSeconds + 1);
    for (let each = from; each <= second; each += 1) {
      const at = (each % this.#spanSeconds) * BUCKET_BYTES;
      this.#buckets.fill(0, at, at + BUCKET_BYTES);
    }
    this.#headSecond = second;
    return this.#buckets;
  }

  #noteAnswer(atMs: number): void {
    if (this.#lastLostAtMs !== undefined && atMs < this.#lastLostAtMs) return;
    this.#earliestAnsweredAtMs = Math.min(this.#earliestAnsweredAtMs ?? atMs, atMs);
    this.#latestAnsweredAtMs.push(atMs);
    if (this.#latestAnsweredAtMs.length > MAX_WAITING) this.#latestAnsweredAtMs.shift();
  }

  #noteLoss(atMs: number): boolean {
    const isFirst = this.#lastLostAtMs === undefined;
    const isAfterAnswer = this.#earliestAnsweredAtMs !== undefined && this.#earliestAnsweredAtMs < atMs;
    this.#lastLostAtMs = Math.max(this.#lastLostAtMs ?? atMs, atMs);
    this.#latestAnsweredAtMs = this.#latestAnsweredAtMs.filter((each) => each >= atMs);
    this.#earliestAnsweredAtMs =
      this.#latestAnsweredAtMs.length === 0 ? undefined : Math.min(...this.#latestAnsweredAtMs);
    return isFirst || isAfterAnswer;
  }
}
