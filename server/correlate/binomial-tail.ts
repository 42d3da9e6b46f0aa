import { logGamma } from './log-beta.ts';

/**
 * Chance of at least `hits` among `trials` when each hits with `ratio`: the upper binomial tail, 0 to 1.
 *
 * @param ratio - above 0 and below 1.
 */
export function upperTail(hits: number, trials: number, ratio: number): number {
  if (hits <= 0) return 1;
  if (hits > trials) return 0;
  const logOdds = Math.log(ratio / (1 - ratio));
  const logFirst =
    logGamma(trials + 1) -
    logGamma(hits + 1) -
    logGamma(trials - hits + 1) +
    hits * Math.log(ratio) +
    (trials - hits) * Math.log1p(-ratio);
  let logTerm = logFirst;
  let sum = 0;
  for (let count = hits; count <= trials; count += 1) {
    const term = Math.exp(logTerm);
    sum += term;
    if (count > trials * ratio && term < sum * 1e-12) break;
    logTerm += Math.log((trials - count) / (count + 1)) + logOdds;
  }
  return Math.min(1, sum);
}
