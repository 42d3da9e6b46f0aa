import type { Verdict } from './correlate/verdict.ts';
import type { VerdictEffect } from './correlate/verdict-effect.ts';
import type { PathCensus } from './paths/path-census.ts';
import type { PathHealth } from './paths/path-health.ts';
import type { FlipProposal, PlannedRoute } from './routing/route-plan.ts';

/** What one pass found. */
export type PassResult = {
  readonly healths: readonly PathHealth[];
  /** {@link PassResult.healths}, counted. */
  readonly census: PathCensus;
  readonly verdictEffects: readonly VerdictEffect[];
  readonly openVerdicts: readonly Verdict[];
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
  /** What of `healths` and `routes` was looked at anew; all else stands as it was. */
  readonly renewed: { readonly healths: readonly PathHealth[]; readonly routes: readonly PlannedRoute[] };
};
