import type { WeightedTrunk } from '../../wire/plan.ts';
import type { CallTrouble } from './call-trouble.ts';
import type { PbxCalls } from './pbx-calls.ts';
import type { RouteConstraints } from './route-constraints.ts';
import type { ClassOrder } from './route-input.ts';
import type { RoutePolicy } from './route-policy.ts';
import type { TrunkLook } from './trunk-look.ts';

/** Memory of one class that its tiers rest on, by trunk. */
export type ClassTroubles = {
  readonly troubles: Readonly<Record<string, CallTrouble>>;
  /** Trunks that were full and do not have room again. */
  readonly full: readonly string[];
};

/** Nothing is held against any trunk of a class. */
export const NO_TROUBLES: ClassTroubles = { troubles: {}, full: [] };

/** What the tiers of one class are made of. */
export type ClassGround = {
  readonly order: ClassOrder;
  readonly looks: ReadonlyMap<string, TrunkLook>;
  readonly before: ClassTroubles;
  /** The route that Asterisk was given; undefined where nothing is ordered. */
  readonly ordered: readonly WeightedTrunk[] | undefined;
  readonly calls: PbxCalls;
  /** End of the latest call of the class at any trunk; undefined where none was seen. */
  readonly latestAtMs: number | undefined;
  /** Lower end of each trunk's ASR, filled in when first asked for. */
  readonly asrLowOf: Map<string, number>;
  readonly constraints: RouteConstraints;
  /** This PBX's own side is in trouble now: its calls say nothing about its trunks. */
  readonly isOwnSideTroubled: boolean;
  readonly spoiltUntilMs: number | undefined;
  readonly policy: RoutePolicy;
};
