import type { StripedPairs } from '../paths/striped-pairs.ts';
import { logGamma } from './log-beta.ts';
import { logSum } from './loss-likelihood.ts';
import { isJudgeable } from './path-evidence.ts';
import type { Sight } from './sight.ts';

/** Two paths, as indices into the space, and what their striped pairs add to ln L of a fault that holds both. */
export type CommonCause = { readonly one: number; readonly other: number; readonly log: number };

/** Pairs lost whole from which on they are looked at. */
const MIN_BOTH_LOST = 2;
/** The two sides may differ by so many pairs; more, and they were asked beside other targets too. */
const MAX_UNLIKE = 2;
/** A fault that two paths share drops pairs whole or each by itself, with even odds beforehand. */
const LOG_HALF = Math.log(0.5);

/**
 * What striped pairs say of a cause that two paths share. Attempts at two providers that left in the same millisecond and were
 * both lost, more often than chance has it for so many losses of each, were most likely lost on the way they share.
 *
 *     ln (½ + ½ · (1 / (m+1)) / H(x; n, a, b)),  m the lesser of a and b
 *
 * with x of n pairs lost whole, a and b the losses of each; H is the hypergeometric chance of x when the losses have nothing to
 * do with each other, and 1/(m+1) the chance of any x when nothing is known of how often the shared cause takes both.
 *
 * @see N. Duffield, F. Lo Presti, V. Paxson, D. Towsley, "Network loss tomography using striped unicast probes", IEEE/ACM ToN 14
 *   (2006).
 */
export function commonCauses({ freshFromMs, paths }: Sight): readonly CommonCause[] {
  const telling = paths.flatMap(({ health }, index) => {
    const isTelling = (health.pairs?.bothLost ?? 0) >= MIN_BOTH_LOST && isJudgeable(health);
    return isTelling && !freshFromMs.has(health.ref.key) ? [{ index, health }] : [];
  });
  const byName = new Map(telling.map((each) => [`${each.health.ref.pbx} ${each.health.ref.target}`, each]));
  return telling.flatMap(({ index, health }) => {
    const { pairs, ref } = health;
    const other = byName.get(`${ref.pbx} ${pairs?.other ?? ''}`);
    const theirs = other?.health.pairs;
    if (!pairs || !other || theirs?.other !== ref.target || other.index <= index) return [];
    if (Math.abs(pairs.pairs - theirs.pairs) > MAX_UNLIKE) return [];
    return [{ one: index, other: other.index, log: commonCauseLog(pairs, theirs) }];
  });
}

/** The logarithm of {@link commonCauses} for two paths whose pairs are the same. */
export function commonCauseLog(one: Omit<StripedPairs, 'other'>, theirs: Pick<StripedPairs, 'lost'>): number {
  const lesser = Math.min(one.lost, theirs.lost);
  const both = Math.min(one.bothLost, lesser);
  const pairs = Math.max(one.pairs, one.lost + theirs.lost - both);
  const chance =
    logChoose(one.lost, both) + logChoose(pairs - one.lost, theirs.lost - both) - logChoose(pairs, theirs.lost);
  return LOG_HALF + logSum(0, -Math.log(lesser + 1) - chance);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
