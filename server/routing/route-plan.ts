import type { Mode, WeightedTrunk } from '../../wire/plan.ts';
import type { TrunkTier } from './trunk-tier.ts';

/**
 * What holds a change of a route back: that it changed lately, that enough PBXs changed within the minute, a maintenance of its PBX or
 * site, or a stop switch.
 */
export type HeldBack = 'dwell' | 'blast-radius' | 'maintenance' | 'stopped';

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
  /** What the change waits for, or that a switch forbids it; absent where none is held back. */
  readonly heldBack?: HeldBack;
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
  /** `planner`, or the token name of the person whose pin or maintenance it follows from. */
  readonly orderedBy: string;
  readonly atMs: number;
  readonly sentence: string;
};
