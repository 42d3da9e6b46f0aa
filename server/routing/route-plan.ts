import type { Mode, WeightedTrunk } from '../../wire/plan.ts';
import type { TrunkTier } from './trunk-tier.ts';

/** The plan for one class on one PBX. */
export type PlannedRoute = {
  readonly pbx: string;
  readonly class: string;
  readonly mode: Mode;
  /** Planned order; in observe mode a proposal only. A permutation of `configured`. */
  readonly trunks: readonly WeightedTrunk[];
  /** What Asterisk has, or in enforce mode is being given. */
  readonly current: readonly WeightedTrunk[];
  readonly configured: readonly string[];
  /** Version of the PBX's plan that holds this route. */
  readonly version: number;
  readonly reason: string;
  /** Each trunk in planned order with its tier, for "why" and "why not". */
  readonly perTrunk: readonly TrunkTier[];
  /** Planned order, weights or mode differ from the planning before. */
  readonly isChanged: boolean;
  /** AstDB as last read holds `current`; undefined when it was never read. */
  readonly isInAsterisk: boolean | undefined;
  /** No trunk of the class is left that is not bad. */
  readonly isPanic: boolean;
  /** Another trunk should lead, but must wait for its time or for room in the blast budget. */
  readonly isWaiting: boolean;
};

/** A change of the first trunk of one (PBX, class); in observe mode only proposed. To be journaled before it acts (rule 7). */
export type FlipProposal = {
  readonly pbx: string;
  readonly class: string;
  readonly mode: Mode;
  /** `away` from a trunk that is preferred by configuration, or `back` towards it. */
  readonly direction: 'away' | 'back';
  readonly fromTrunk: string;
  readonly toTrunk: string;
  readonly trunks: readonly WeightedTrunk[];
  /** Version of the PBX's plan that carries it. */
  readonly version: number;
  readonly verdictId: string | undefined;
  readonly orderedBy: 'planner';
  readonly atMs: number;
  readonly sentence: string;
};
