import type { SecondCount } from '../paths/second-counts.ts';
import { logBeta } from './log-beta.ts';
import { BACKGROUND_PRIOR, logSum } from './loss-likelihood.ts';

/**
 * When a loss began, in hub time; 95 % of the posterior lies between `lowMs` and `highMs`. `lowMs` absent: it may have begun
 * before anything that is remembered; `atMs` absent too: it most likely did.
 */
export type ChangePoint = {
  readonly atMs: number | undefined;
  readonly lowMs: number | undefined;
  readonly highMs: number;
};

/** Losses on one side of a change: `lost` in `runs` runs, and the attempts that were answered. */
type Side = { readonly lost: number; readonly runs: number; readonly answered: number };

type BetaPrior = { readonly a: number; readonly b: number };

/** Nothing is known beforehand of the rate after the change: it may be 1 %, or all (Jeffreys). */
const AFTER_PRIOR: BetaPrior = { a: 0.5, b: 0.5 };
/** Nor of the chance that a loss is followed by another. */
const BURST_PRIOR: BetaPrior = { a: 1, b: 1 };
/** Chance beforehand that the loss is older than what is remembered. */
const OLDER_PRIOR = 0.1;
/** Left out at either end of the interval. */
const TAIL = 0.025;
const SECOND_MS = 1000;

/**
 * Finds the second in which loss began on paths that suffer together: one change, from the background rate to an unknown one
 * that all share. Each side is weighed by the likelihood of loss in two states, so that a burst before the change does not pass
 * for it. All seconds are equally likely beforehand, but for the chance that the change lies before the first of them.
 *
 * @param paths - seconds of each path in which anything was sent, in the order of time.
 * @param latestMs - hub time before which the change lies: attempts of later seconds suffer.
 * @returns undefined where nothing was sent before `latestMs`. Of equally likely seconds the last one is told.
 * @see P. Fearnhead, "Exact and efficient Bayesian inference for multiple changepoint problems", Stat. Comput. 16 (2006); here
 *   with one change.
 */
export function findChange(paths: readonly (readonly SecondCount[])[], latestMs: number): ChangePoint | undefined {
  const first = paths.reduce((least, [oldest]) => Math.min(least, oldest?.second ?? least), Number.POSITIVE_INFINITY);
  const last = Math.floor(latestMs / SECOND_MS);
  if (!(first <= last)) return undefined;
  const slots = last - first + 1;
  const each = Math.log((1 - OLDER_PRIOR) / Math.max(1, slots - 1));
  const logs = sidesOf(paths, first, slots).map(
    ({ after, before }, slot) =>
      sideLog(before, BACKGROUND_PRIOR) + sideLog(after, AFTER_PRIOR) + (slot === 0 ? Math.log(OLDER_PRIOR) : each),
  );
  const { high, low, mode } = quantiles(logs);
  // What suffers from second s on began after the attempts of the second before it.
  return {
    atMs: mode === 0 ? undefined : Math.min(latestMs, (first + mode) * SECOND_MS),
    lowMs: low === 0 ? undefined : (first + low - 1) * SECOND_MS,
    highMs: Math.min(latestMs, (first + high + 1) * SECOND_MS),
  };
}

/** For each second the attempts before it, and those of it and later; a run that reaches over counts on both sides. */
function sidesOf(paths: readonly (readonly SecondCount[])[], first: number, slots: number) {
  const answered = new Float64Array(slots);
  const lost = new Float64Array(slots);
  const begun = new Float64Array(slots);
  /** Runs that reach over the beginning of a slot, as differences from the slot before. */
  const reaching = new Float64Array(slots + 1);
  for (const seconds of paths) {
    let lossyBefore = -1;
    for (const each of seconds) {
      const slot = Math.min(slots - 1, each.second - first);
      add(answered, slot, each.sent - each.lost);
      add(lost, slot, each.lost);
      add(begun, slot, each.begun);
      if (each.lost === 0) continue;
      if (each.isContinued) {
        add(reaching, lossyBefore + 1, 1);
        add(reaching, slot + 1, -1);
      }
      lossyBefore = slot;
    }
  }
  const whole = { lost: sum(lost), runs: sum(begun), answered: sum(answered) };
  const older = reaching[0] ?? 0;
  let before: Side = { lost: 0, runs: 0, answered: 0 };
  let over = 0;
  return Array.from({ length: slots }, (_, slot) => {
    over += reaching[slot] ?? 0;
    const { answered: answers, lost: losses, runs } = before;
    const after = { lost: whole.lost - losses, runs: whole.runs - runs + over, answered: whole.answered - answers };
    before = {
      lost: losses + (lost[slot] ?? 0),
      runs: runs + (begun[slot] ?? 0),
      answered: answers + (answered[slot] ?? 0),
    };
    return { after, before: { lost: losses, runs: losses > 0 ? runs + older : 0, answered: answers } };
  });
}

/**
 * ln L of loss in two states, independent or in bursts with even odds: see the model in `loss-likelihood.ts`.
 */
function sideLog({ answered, lost, runs }: Side, prior: BetaPrior): number {
  const events = lost > 0 ? Math.max(1, Math.min(lost, runs)) : 0;
  const independent = marginalLog(lost, answered, prior);
  const bursty = marginalLog(events, Math.max(0, answered - events), prior);
  return Math.log(0.5) + logSum(independent, bursty + marginalLog(lost - events, events, BURST_PRIOR));
}

function marginalLog(hits: number, misses: number, { a, b }: BetaPrior): number {
  return logBeta(a + hits, b + misses) - logBeta(a, b);
}

function add(sums: Float64Array, slot: number, by: number): void {
  sums[slot] = (sums[slot] ?? 0) + by;
}

function quantiles(logs: readonly number[]): { readonly mode: number; readonly low: number; readonly high: number } {
  const peak = logs.reduce((high, log) => Math.max(high, log), Number.NEGATIVE_INFINITY);
  const weights = logs.map((log) => Math.exp(log - peak));
  const total = sum(weights);
  const mode = weights.lastIndexOf(1);
  let passed = 0;
  let low: number | undefined;
  let high = weights.length - 1;
  for (const [slot, weight] of weights.entries()) {
    passed += weight / total;
    if (low === undefined && passed > TAIL) low = slot;
    if (passed < 1 - TAIL) continue;
    high = slot;
    break;
  }
  return { mode, low: Math.min(mode, low ?? mode), high: Math.max(mode, high) };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
