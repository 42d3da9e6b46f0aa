import type { Place, Verdict } from '../correlate/verdict.ts';
import type { HealthState, PathHealth } from '../paths/path-health.ts';

/** Loss up to which a path counts as clean, 0 to 1; as in the sequential loss test. */
const CLEAN_RATIO = 0.01;
/** Loss of a place as a multiple of the loss elsewhere, from which on calls are better off there. */
const WORTH_MOVING = 2;
/** Samples since a path came into its state, from which on its loss bears a verdict out. */
const SEEN_SAMPLES = 20;

/** What speaks for or against one edge, or one trunk, at one PBX. `goodSinceMs` is hub time. */
export type Evidence = {
  readonly reason: string;
  /** The verdict that condemns it, or one that was looked at and does not. */
  readonly verdictId: string | undefined;
} & (
  | { readonly kind: 'hard-down' }
  /** `lossRatio` is the larger of what the verdict found inside its place and what the path shows; absent where calls tell it. */
  | { readonly kind: 'degraded'; readonly lossRatio?: number }
  /** `isNeverAnswered`: it may work all the same, and only calls can tell. */
  | { readonly kind: 'unknown'; readonly isNeverAnswered?: boolean }
  | {
      readonly kind: 'good';
      /** Not good enough to lead again after a demotion: lossy, or answering calls only. */
      readonly isClean: boolean;
      readonly goodSinceMs: number;
      readonly samples: number;
    }
);

/**
 * Weighs one edge of a provider as seen by one PBX.
 *
 * Hard-down is the only ground without a verdict. A named loss verdict on this provider, this edge or this very path demotes,
 * as does an ambiguity whose every member touches this path (the provider, the edge, or the path itself): whichever it is, calls
 * of this PBX over this edge suffer, and only this PBX moves. Verdicts on a site, line, host or probe, and suspicions, never
 * demote a provider's trunk. A provider or an edge is condemned for a PBX only on what that PBX saw itself, or, where it cannot see, on witnesses
 * from two sites or more (safety rule 3); never against its own healthy figures, nor where elsewhere as much is lost. Unknown, probe-blocked and unmeasurable are
 * no ground (rule 2).
 */
export function edgeEvidence(provider: string, health: PathHealth | undefined, verdicts: readonly Verdict[]): Evidence {
  if (!health) return { kind: 'unknown', verdictId: undefined, reason: 'no path to it is measured' };
  const { state, ref } = health;
  if (health.isAbstaining || state === 'unknown') {
    return { kind: 'unknown', verdictId: undefined, reason: `${ref.target} unknown: ${health.reason}` };
  }
  if (state === 'hard-down') {
    return { kind: 'hard-down', verdictId: undefined, reason: `${ref.target} hard-down: ${health.reason}` };
  }
  const named = verdicts.length === 0 ? undefined : verdicts.find((verdict) => condemns(verdict, provider, health));
  if (named) {
    const lossRatio = Math.max(named.lossInsideRatio, health.options.lossRatio);
    return {
      kind: 'degraded',
      verdictId: named.verdictId,
      reason: `${ref.target} degraded: ${named.sentence}`,
      lossRatio,
    };
  }
  switch (state) {
    case 'unmeasurable':
      return {
        kind: 'unknown',
        verdictId: undefined,
        reason: `${ref.target} unmeasurable: ${health.reason}`,
        isNeverAnswered: true,
      };
    case 'probe-blocked':
      return good(health, true, `${ref.target} probe-blocked, no ground to move: ${health.reason}`);
    case 'degraded':
      return good(health, false, `${ref.target} lossy, but no verdict names it: ${health.reason}`);
    case 'healthy':
      return good(health, true, `${ref.target} healthy: ${health.reason}`);
    default:
      return state satisfies never;
  }
}

/**
 * Weighs a trunk by its best edge: one good edge keeps it, and it is hard-down only if all its edges are.
 *
 * @param edges - one for each edge; with none the trunk is unknown.
 */
export function trunkEvidence(edges: readonly Evidence[]): Evidence {
  let best: Evidence | undefined;
  for (const edge of edges) if (!best || goodness(edge) < goodness(best)) best = edge;
  return best ?? { kind: 'unknown', verdictId: undefined, reason: 'it has no edge here' };
}

function good(health: PathHealth, isClean: boolean, reason: string): Evidence {
  const { sinceMs: goodSinceMs, samplesInState: samples } = health;
  return { kind: 'good', verdictId: undefined, reason, isClean, goodSinceMs, samples };
}

/** Unknown stands between: better than a bad edge, for it is not bad, and worse than a good one. */
function goodness(evidence: Evidence): number {
  switch (evidence.kind) {
    case 'good':
      return evidence.isClean ? 0 : 1;
    case 'unknown':
      return 2;
    case 'degraded':
      return 3;
    case 'hard-down':
      return 4;
    default:
      return evidence satisfies never;
  }
}

function condemns(verdict: Verdict, provider: string, health: PathHealth): boolean {
  if (verdict.symptom !== 'loss' || verdict.clearedAtMs !== undefined || isNoWorse(health, verdict)) return false;
  switch (verdict.certainty) {
    case 'suspect':
      return false;
    case 'named':
      return (
        isThisPath(verdict.place, health) ||
        (isProvidersEdge(verdict.place, provider, health) && hasStanding(verdict, health))
      );
    case 'ambiguous':
      return (
        verdict.group.length > 0 &&
        verdict.group.every((place) => isProvidersEdge(place, provider, health) || isThisPath(place, health)) &&
        sawItself(verdict, health)
      );
    default:
      return verdict.certainty satisfies never;
  }
}

/**
 * What the path itself loses is not proven to be more than what is lost everywhere else, or what the verdict found is not well above
 * it: calls would meet about as much there. A path that cannot be measured proves nothing either way.
 */
function isNoWorse({ options, state }: PathHealth, { lossInsideRatio, lossOutsideRatio }: Verdict): boolean {
  if (lossInsideRatio < WORTH_MOVING * lossOutsideRatio) return true;
  return !isUnseen(state) && options.lowRatio < lossOutsideRatio;
}

function isUnseen(state: HealthState): boolean {
  return state === 'unmeasurable' || state === 'probe-blocked';
}

function hasStanding(verdict: Verdict, health: PathHealth): boolean {
  if (sawItself(verdict, health)) return true;
  return isUnseen(health.state) && verdict.siteCount >= 2;
}

/**
 * The PBX's own figures bear the verdict out: its loss test is raised, or it is a witness with more than {@link CLEAN_RATIO}
 * of loss in its window, some of it since the path came into its present state (not before an outage that is over). Where it
 * inherits, the witnesses of its site saw it for this PBX.
 */
function sawItself(verdict: Verdict, health: PathHealth): boolean {
  if (health.state === 'degraded') return true;
  const seers = health.inheritedFrom ?? [health.ref.pbx];
  return seers.some((pbx) => verdict.witnesses.includes(pbx)) && isSeenLossy(health);
}

/**
 * More than {@link CLEAN_RATIO} of loss in its window, some of it since the path came into its present state, and samples enough since
 * then: in the first seconds of a fleet one miss of a few is no loss that anybody saw.
 */
export function isSeenLossy({ lostInState, options, samplesInState }: PathHealth): boolean {
  return options.lowRatio > CLEAN_RATIO && lostInState > 0 && samplesInState >= SEEN_SAMPLES;
}

/** The provider as a whole, or that edge of it to which the path leads. */
function isProvidersEdge(place: Place, provider: string, { ref: { end } }: PathHealth): boolean {
  if (place.kind === 'provider') return place.provider === provider;
  return place.kind === 'edge' && end.kind === 'trunk' && place.trunk === end.trunk && place.edge === end.edge;
}

function isThisPath(place: Place, { ref }: PathHealth): boolean {
  return place.kind === 'path' && place.pbx === ref.pbx && place.target === ref.target;
}
