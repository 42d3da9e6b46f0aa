import type { CellLikelihood } from './kinds/cell-likelihood.ts';
import type { WindowEvents } from './kinds/kind-events.ts';
import type { Lanes } from './lanes.ts';
import type { LogPriorOdds } from './place-prior.ts';

/** What one search weighs with. */
export type SearchGround = {
  readonly events: WindowEvents;
  readonly lanes: Lanes;
  readonly likelihood: CellLikelihood;
  readonly logOdds: LogPriorOdds;
};
