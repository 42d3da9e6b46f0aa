import { CONTINUED, LOST, type LossCounts, RUNS, SENT, type SecondCount, SecondCounts } from './second-counts.ts';
import { SendingOrder, type SentSample, type Standing } from './sending-order.ts';

/** Longest window kept, in seconds. */
export const MAX_WINDOW_SECONDS = 300;

/** Most samples one second can hold; the rest of that second is left out whole, sent and lost alike. */
const MAX_SAMPLES_PER_SECOND = 255;

/**
 * Sent, lost and loss runs of one path by the second; a second without a sample takes no room and no time to count over.
 * Mutable, owned by one path table entry.
 *
 * Runs follow the order of sending: a sample that timed out late does not split or join runs for settling late. One so late that
 * its neighbours are forgotten begins no run.
 */
export class LossWindow {
  readonly #spanSeconds: number;
  readonly #seconds: SecondCounts;
  readonly #order = new SendingOrder();

  /** @param spanSeconds - how far back counts reach, 1 to {@link MAX_WINDOW_SECONDS}. */
  constructor(spanSeconds = MAX_WINDOW_SECONDS) {
    this.#spanSeconds = Math.min(MAX_WINDOW_SECONDS, Math.max(1, Math.floor(spanSeconds)));
    this.#seconds = new SecondCounts(this.#spanSeconds);
  }

  /** Adds one sample by the hub time at which it was sent; one older than the span is left out. */
  add(atMs: number, isLost: boolean): void {
    const at = this.#seconds.at(secondOf(atMs));
    if (at === undefined || this.#seconds.read(at, SENT) >= MAX_SAMPLES_PER_SECOND) return;
    this.#seconds.add(at, SENT, 1);
    const standing = this.#order.add(atMs, isLost);
    if (!standing) return;
    if (isLost) this.#addLoss(at, atMs, standing);
    if (standing.after?.isLost === true) this.#mendNext({ atMs, isLost }, standing.after, standing);
  }

  /**
   * Counts of the whole seconds from `sinceMs` (hub time) on. A run that began before counts as one where its losses
   * reach into the window.
   */
  countsSince(sinceMs: number): LossCounts {
    return this.#seconds.since(Math.ceil(sinceMs / 1000));
  }

  /** Counts of each whole second from `sinceMs` (hub time) on in which anything was sent, in the order of time. */
  secondsSince(sinceMs: number): readonly SecondCount[] {
    return this.#seconds.series(Math.ceil(sinceMs / 1000));
  }

  #addLoss(at: number, atMs: number, { before, isBeyondMemory, lostBefore }: Standing): void {
    const begins = !isBeyondMemory && before?.isLost !== true;
    const hadLoss = this.#seconds.read(at, LOST) > 0;
    this.#seconds.add(at, LOST, 1);
    if (begins) this.#seconds.add(at, RUNS, 1);
    const isFirstOfSecond = isBeyondMemory ? !hadLoss : !isInSecondOf(lostBefore, atMs);
    if (isFirstOfSecond) this.#setContinued(at, !begins);
  }

  /** The loss sent just after this sample goes on with its run now, or begins one. */
  #mendNext(sample: SentSample, next: SentSample, { before, isBeyondMemory, lostBefore }: Standing): void {
    const wasBeginning = !isBeyondMemory && before?.isLost !== true;
    if (isBeyondMemory || wasBeginning !== sample.isLost) return;
    const at = this.#seconds.at(secondOf(next.atMs));
    if (at === undefined) return;
    this.#seconds.add(at, RUNS, sample.isLost ? -1 : 1);
    const isFirstOfSecond = !isInSecondOf(lostBefore, next.atMs) && !(sample.isLost && isInSecondOf(sample, next.atMs));
    if (isFirstOfSecond) this.#setContinued(at, sample.isLost);
  }

  #setContinued(at: number, isContinued: boolean): void {
    this.#seconds.add(at, CONTINUED, (isContinued ? 1 : 0) - this.#seconds.read(at, CONTINUED));
  }
}

function secondOf(atMs: number): number {
  return Math.max(0, Math.floor(atMs / 1000));
}

function isInSecondOf(sample: SentSample | undefined, atMs: number): boolean {
  return sample !== undefined && secondOf(sample.atMs) === secondOf(atMs);
}
