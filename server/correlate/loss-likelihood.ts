import { BetaMarginal, type BetaPrior } from './beta-marginal.ts';
import type { EventCounts } from './path-evidence.ts';

/** Beta prior of loss on healthy paths: mean 0.125 %. */
export const BACKGROUND_PRIOR: BetaPrior = { a: 0.5, b: 400 };
/** Beta prior of loss on paths that suffer from a fault: mean 11 %. */
export const FAULT_PRIOR: BetaPrior = { a: 1.5, b: 12 };

/** Share of healthy paths, and of paths under a fault, that lose in bursts of their own. */
const BACKGROUND_BURSTY_RATIO = 0.2;
const FAULT_BURSTY_RATIO = 0.35;

/** Runs on a path, and losses that went on with one, up to which the ratio is kept. */
const TABLE_SIZE = 64;

/**
 * What the runs of losses of one path add to ln L of a fault that holds it, over background: c losses came after a loss, r runs
 * ended. A loss goes on with a chance q of the path's own, of the same kind as the chance p that one begins where losses are
 * independent, and of which nothing is known where they come in bursts:
 *
 *     ln [ 0.65 B(a₁+c, b₁+r)/B(a₁, b₁) + 0.35 B(1+c, 1+r) ] − ln [ 0.8 B(a₀+c, b₀+r)/B(a₀, b₀) + 0.2 B(1+c, 1+r) ]
 *
 * with the Beta priors of p under a fault (a₁, b₁) and under background (a₀, b₀). The paths of one fault share p but not q: how
 * long their bursts are, all alike or each another, says nothing of the place. So the sum over the paths of a place is all that
 * is needed, and p is told from the beginnings of runs alone.
 *
 * @see E. N. Gilbert, "Capacity of a burst-noise channel", BSTJ 39 (1960).
 */
export function goesOnLog({ events, continued }: EventCounts): number {
  if (events === 0) return 0;
  if (events >= TABLE_SIZE || continued >= TABLE_SIZE) return ratioLog(events, continued);
  const at = events * TABLE_SIZE + continued;
  const known = TABLE[at] ?? Number.NaN;
  if (!Number.isNaN(known)) return known;
  const found = ratioLog(events, continued);
  TABLE[at] = found;
  return found;
}

/** ln of the likelihood of some paths' attempts under one fault that holds them all, over that of background. */
export function faultLogRatio(paths: readonly EventCounts[]): number {
  let [events, trials, goesOn] = [0, 0, 0];
  for (const path of paths) {
    events += path.events;
    trials += path.trials;
    goesOn += goesOnLog(path);
  }
  return FAULT.log(events, trials - events) - BACKGROUND.log(events, trials - events) + goesOn;
}

function ratioLog(runs: number, continued: number): number {
  const bursty = BURST.log(continued, runs);
  return (
    mixed(FAULT.log(continued, runs), bursty, FAULT_BURSTY_RATIO) -
    mixed(BACKGROUND.log(continued, runs), bursty, BACKGROUND_BURSTY_RATIO)
  );
}

function mixed(independent: number, bursty: number, burstyRatio: number): number {
  return logSum(Math.log1p(-burstyRatio) + independent, Math.log(burstyRatio) + bursty);
}

/** ln(eˣ + eʸ) without overflow. */
export function logSum(x: number, y: number): number {
  const high = Math.max(x, y);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(Math.min(x, y) - high));
}

const BACKGROUND = new BetaMarginal(BACKGROUND_PRIOR);
const FAULT = new BetaMarginal(FAULT_PRIOR);
const BURST = new BetaMarginal({ a: 1, b: 1 });
const TABLE = new Float64Array(TABLE_SIZE * TABLE_SIZE).fill(Number.NaN);
