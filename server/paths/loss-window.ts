import { CONTINUED, LOST, type LossCounts, RUNS, SENT, SecondCounts } from './second-counts.ts';

/** Longest window kept, in seconds. */
export const MAX_WINDOW_SECONDS = 300;

/** Most samples one second can hold; the rest of that second is left out whole, sent and lost alike. */
const MAX_SAMPLES_PER_SECOND = 255;

/** Answered samples remembered while an earlier one may still be waiting for its time-out. */
const MAX_WAITING = 16;

/**
 * Sent, lost and loss runs of one path by the second; a second without a sample takes no room and no time to count over.
 * Mutable, owned by one path table entry.
 *
 * Runs follow the order of sending: a sample that timed out late does not split or join runs for settling late.
 */
export class LossWindow {
  readonly #spanSeconds: number;
  readonly #seconds: SecondCounts;
  #lastLostAtMs: number | undefined;
  /** Sending times of answered samples after the last loss: the earliest, and the latest few. */
  #earliestAnsweredAtMs: number | undefined;
  #latestAnsweredAtMs: number[] = [];

  /** @param spanSeconds - how far back counts reach, 1 to {@link MAX_WINDOW_SECONDS}. */
  constructor(spanSeconds = MAX_WINDOW_SECONDS) {
    this.#spanSeconds = Math.min(MAX_WINDOW_SECONDS, Math.max(1, Math.floor(spanSeconds)));
    this.#seconds = new SecondCounts(this.#spanSeconds);
  }

  /** Adds one sample by the hub time at which it was sent; one older than the span is left out. */
  add(atMs: number, isLost: boolean): void {
    const at = this.#seconds.at(Math.max(0, Math.floor(atMs / 1000)));
    if (at === undefined || this.#seconds.read(at, SENT) >= MAX_SAMPLES_PER_SECOND) return;
    this.#seconds.count(at, SENT);
    if (!isLost) {
      this.#noteAnswer(atMs);
      return;
    }
    const isNewRun = this.#noteLoss(atMs);
    if (isNewRun) this.#seconds.count(at, RUNS);
    else if (this.#seconds.read(at, LOST) === 0) this.#seconds.count(at, CONTINUED);
    this.#seconds.count(at, LOST);
  }

  /**
   * Counts of the whole seconds from `sinceMs` (hub time) on. A run that began before counts as one where its losses
   * reach into the window.
   */
  countsSince(sinceMs: number): LossCounts {
    return this.#seconds.since(Math.ceil(sinceMs / 1000));
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
