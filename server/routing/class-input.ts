import type { PbxModes, ReadBackRoute } from '../../wire/plan.ts';
import type { BlastBudget } from './blast-budget.ts';
import type { PbxCalls } from './pbx-calls.ts';
import type { RouteMemory } from './planner-memory.ts';
import type { Maintenance, Pin } from './route-constraints.ts';
import type { ClassOrder } from './route-input.ts';
import type { RoutePolicy } from './route-policy.ts';
import type { TrunkGrounds } from './trunk-preference.ts';
import type { Tier, TrunkTier } from './trunk-tier.ts';

/** What one class of one PBX is planned from. */
export type ClassInput = {
  readonly pbx: string;
  readonly order: ClassOrder;
  readonly modes: PbxModes;
  readonly readBack: readonly ReadBackRoute[] | undefined;
  readonly memory: RouteMemory | undefined;
  /** Version of the PBX's plan so far. */
  readonly version: number;
  readonly tiers: ReadonlyMap<string, TrunkTier>;
  /** Tier of a trunk; unknown for one that is none of this PBX. */
  readonly tierOf: (trunk: string) => Tier;
  /** What a trunk has in common with others. */
  readonly groundsOf: (trunk: string) => TrunkGrounds;
  readonly calls: PbxCalls;
  /** End of the latest call of the class at any trunk; undefined where none was seen. */
  readonly latestAtMs: number | undefined;
  /** The trunk that a person wants to lead. */
  readonly pin: Pin | undefined;
  /** The maintenance of the PBX or its site, for which its routes rest. */
  readonly rest: Maintenance | undefined;
  readonly policy: RoutePolicy;
  readonly budget: BlastBudget;
};
