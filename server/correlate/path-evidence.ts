import type { PathHealth } from '../paths/path-health.ts';
import { isLossEvidence } from '../paths/path-judgement.ts';
import type { LossCounts, SecondCount } from '../paths/second-counts.ts';
import { wilsonInterval } from '../paths/wilson.ts';
import { upperTail } from './binomial-tail.ts';

/** What the paths stage knows of one path. */
export type PathEvidence = {
  readonly health: PathHealth;
  /**
   * Counts of unbiased attempts from `sinceMs` (hub time) on. Asked during one pass only, so it may read live buckets; one
   * second of resolution and 300 s of memory are enough.
   */
  readonly countsSince: (sinceMs: number) => LossCounts;
  /** The same attempts second by second; where absent, nothing says when a loss began. */
  readonly secondsSince?: (sinceMs: number) => readonly SecondCount[];
  /** The same of ICMP echoes, 60 s back; absent where none are sent. */
  readonly icmpSince?: (sinceMs: number) => LossCounts;
};

/**
 * Loss as the model takes it. A run of losses is one event, at most one a trial; `trials` are the attempts that followed an
 * answer, and `continued` the losses that followed a loss.
 */
export type EventCounts = { readonly events: number; readonly trials: number; readonly continued: number };

/** No evidence at all: contributes nothing (safety rule 2). */
export const NO_EVENTS: EventCounts = { events: 0, trials: 0, continued: 0 };

/** Chance of a run of losses to begin at a healthy path's attempt; above what well-run networks show. */
export const BACKGROUND_RATIO = 0.005;

/** Lower bound of a path's own interval from which its loss counts as clearly above background. */
const CLEAR_LOSS_RATIO = 0.01;

/**
 * A place is spoken of on at least so many independent events, unless two sites saw it; and loss outside a place counts
 * against it from so many.
 */
export const MIN_EVENTS = 3;

/**
 * Total loss grows as evidence with its length: one event at once, one more after 5 s and after each 25 s beyond. Of
 * background bursts with a mean of 4 s about one in four outlives 5 s and one in 5,000 outlives 30 s.
 */
const FIRST_BLOCK_MS = 5_000;
const NEXT_BLOCKS_MS = 25_000;

/**
 * True while figures of this path may be judged: measured of late, instrument sound, and silence would mean loss.
 * `unknown`, `unmeasurable` and `probe-blocked` say nothing of loss, and what is inherited was counted where it was measured.
 */
export function isJudgeable(health: PathHealth): boolean {
  return !health.isAbstaining && health.inheritedFrom === undefined && isLossEvidence(health.state);
}

/** True while the path answers nothing at all: as many misses in a row as hard-down asks for. */
export function isInTotalLoss(health: PathHealth): boolean {
  return health.consecutiveMisses > 0 && health.consecutiveMisses >= health.missesNeeded;
}

/** Turns attempts into runs of losses, so that one burst does not look like many losses. */
export function eventsOf(counts: LossCounts): EventCounts {
  const events = counts.lost > 0 ? Math.max(1, counts.lossRuns) : 0;
  return { events, trials: Math.max(counts.sent - counts.lost, events), continued: Math.max(0, counts.lost - events) };
}

/**
 * Evidence of one path over the window from `sinceMs` to `nowMs`. In total loss what was answered before the run says
 * nothing of now: the run alone counts, as one event or more by its length, at most one a miss.
 */
export function pathEvents(path: PathEvidence, sinceMs: number, nowMs: number): EventCounts {
  if (!isJudgeable(path.health)) return NO_EVENTS;
  if (!isInTotalLoss(path.health)) return eventsOf(path.countsSince(sinceMs));
  const blocks = Math.min(path.health.consecutiveMisses, totalLossBlocks(path.health, nowMs));
  return { events: blocks, trials: blocks, continued: 0 };
}

/** Attempts to show for this path: the run alone while in total loss, else the window. */
export function shownCounts(path: PathEvidence, sinceMs: number): LossCounts {
  if (!isInTotalLoss(path.health)) return path.countsSince(sinceMs);
  const misses = path.health.consecutiveMisses;
  return { sent: misses, lost: misses, lossRuns: 1 };
}

/** True when the path's own 95 % interval lies clearly above background, so that it is a witness by itself. */
export function isLossy(events: Pick<EventCounts, 'events' | 'trials'>): boolean {
  return wilsonInterval({ sent: events.trials, lost: events.events }).lowRatio > CLEAR_LOSS_RATIO;
}

/**
 * True when loss on one of `pathCount` paths is more than background can explain: at most one chance in a thousand for
 * all of them together. Stricter than {@link isLossy}; used for paths outside a place under suspicion.
 */
export function isUnexplained(events: Pick<EventCounts, 'events' | 'trials'>, pathCount: number): boolean {
  if (events.events < MIN_EVENTS) return false;
  return upperTail(events.events, events.trials, BACKGROUND_RATIO) < 0.001 / Math.max(1, pathCount);
}

/**
 * Log-likelihood ratio of background over a fault: above 0 speaks for background.
 *
 * @param faultRatio - chance of an event under the fault, above `backgroundRatio` and below 1.
 */
export function quietLogRatio(
  events: Pick<EventCounts, 'events' | 'trials'>,
  faultRatio: number,
  backgroundRatio: number = BACKGROUND_RATIO,
): number {
  return (
    events.events * Math.log(backgroundRatio / faultRatio) +
    (events.trials - events.events) * Math.log((1 - backgroundRatio) / (1 - faultRatio))
  );
}

function totalLossBlocks(health: PathHealth, nowMs: number): number {
  const beganAtMs = health.lastAnsweredAtMs ?? health.sinceMs;
  const lengthMs = nowMs - beganAtMs;
  return lengthMs < FIRST_BLOCK_MS ? 1 : 2 + Math.floor((lengthMs - FIRST_BLOCK_MS) / NEXT_BLOCKS_MS);
}
