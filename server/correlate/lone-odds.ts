import type { HypothesisSpace } from './hypotheses.ts';
import { minus, type Pooled } from './kinds/pooled.ts';
import type { SearchGround } from './search-ground.ts';
import type { Place } from './verdict.ts';

/**
 * Odds that one of the hypotheses with a loss is at fault alone, against nothing being wrong. Those with the same figures are
 * weighed once, but for what their runs add.
 *
 * @param total - of all paths.
 */
export function oddsAlone(
  { hypotheses }: HypothesisSpace,
  { lanes, likelihood, logOdds }: SearchGround,
  total: Pooled,
): number {
  const noneLog = likelihood.background(total);
  const known = new Map<number, number>();
  const priors = new Map<Place['kind'], number>();
  let odds = 0;
  for (const candidate of lanes.candidates()) {
    const kind = hypotheses[candidate]?.place.kind ?? 'none';
    let prior = priors.get(kind);
    if (prior === undefined) {
      prior = logOdds(kind);
      priors.set(kind, prior);
    }
    const own = lanes.of(candidate);
    const key = numberOf(own);
    let log = key === undefined ? undefined : known.get(key);
    if (log === undefined) {
      const rest = minus(total, own);
      log = likelihood.fault(own, total, rest) + likelihood.background(rest) - noneLog - own.goesOn;
      if (key !== undefined) known.set(key, log);
    }
    odds += Math.exp(prior + log + own.goesOn + (lanes.together[candidate] ?? 0));
  }
  return odds;
}

/** A number of its own for each figures that are small and of OPTIONS alone; undefined for others. */
function numberOf({ events, others, trials }: Pooled): number | undefined {
  return others.length > 0 || events >= 2 ** 20 || trials >= 2 ** 32 ? undefined : events * 2 ** 32 + trials;
}
