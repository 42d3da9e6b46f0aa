import type { HypothesisSpace } from './hypotheses.ts';
import type { EventCounts } from './path-evidence.ts';
import type { Place } from './verdict.ts';

/** Prior probability that nothing is wrong. */
export const NONE_PRIOR = 0.9;

/**
 * How the remaining 0.1 is shared: first by kind of place, then evenly within the kind, so that a fleet of a thousand
 * paths does not drown its few providers. An edge is half as likely as its provider, a host as its site. A line is a wider path
 * and shares with them; a sick probe mostly abstains, so it weighs least. Kinds without evidence give their share to the others.
 */
const KIND_SHARE = { site: 0.3, provider: 0.3, path: 0.3, edge: 0.15, host: 0.15, probe: 0.1 } as const;
type PriorKind = keyof typeof KIND_SHARE;
const PRIOR_KINDS: readonly PriorKind[] = ['site', 'provider', 'path', 'edge', 'host', 'probe'];

/** Logarithm of the prior odds that a place of this kind, with evidence, is at fault. */
export type LogPriorOdds = (kind: Place['kind']) => number;

/**
 * Prior odds of a place being at fault. Faults are taken to be independent, so the odds of several at once are the product.
 *
 * @param events - one per path; a place without any trial has no part in the prior.
 */
export function logPriorOdds(space: HypothesisSpace, events: readonly EventCounts[]): LogPriorOdds {
  const members: Record<PriorKind, number> = { site: 0, provider: 0, path: 0, edge: 0, host: 0, probe: 0 };
  for (const [kind, count] of space.countOfKind) {
    const shared = priorKind(kind);
    if (shared) members[shared] += count;
  }
  for (const hypothesis of withoutTrials(space, events)) {
    const shared = priorKind(space.hypotheses[hypothesis]?.place.kind ?? 'none');
    if (shared) members[shared] -= 1;
  }
  const whole = PRIOR_KINDS.reduce((sum, kind) => (members[kind] > 0 ? sum + KIND_SHARE[kind] : sum), 0);
  const odds = (1 - NONE_PRIOR) / NONE_PRIOR;
  return (kind) => {
    const shared = priorKind(kind);
    return shared ? Math.log((odds * KIND_SHARE[shared]) / whole / members[shared]) : Number.NEGATIVE_INFINITY;
  };
}

function withoutTrials({ hypotheses, ofPath }: HypothesisSpace, events: readonly EventCounts[]): ReadonlySet<number> {
  const found = new Set<number>();
  events.forEach(({ trials }, path) => {
    if (trials > 0) return;
    for (const hypothesis of ofPath[path] ?? []) {
      const isSilent = hypotheses[hypothesis]?.pathIndices.every((each) => (events[each]?.trials ?? 0) === 0);
      if (isSilent) found.add(hypothesis);
    }
  });
  return found;
}

function priorKind(kind: Place['kind']): PriorKind | undefined {
  if (kind === 'none') return undefined;
  return kind === 'line' ? 'path' : kind;
}
