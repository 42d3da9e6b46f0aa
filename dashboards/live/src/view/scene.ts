import type { Freshness } from '../staleness.ts';
import type { ViewState } from '../state.ts';
import type { Tally } from '../tally.ts';

/** Everything a view may draw from, at one instant. */
export type Scene = {
  readonly state: ViewState;
  readonly tally: Tally;
  readonly freshness: Freshness;
  /** The hub's clock now: its last message's time and what has passed since on ours. */
  readonly nowEpochMs: number;
};
