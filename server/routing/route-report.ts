import type { Verdict } from '../correlate/verdict.ts';
import { isInAsterisk } from './adopted-route.ts';
import { classMode } from './class-mode.ts';
import { flipSentence } from './flip-sentence.ts';
import type { ClassDecision } from './plan-class.ts';
import type { RouteConstraints } from './route-constraints.ts';
import type { ClassOrder, PbxRouteInput } from './route-input.ts';
import type { FlipProposal, PlannedRoute } from './route-plan.ts';
import type { TrunkTier } from './trunk-tier.ts';
import { whoOrdered } from './who-ordered.ts';

/** One class as it was decided. */
export type DecidedClass = {
  readonly order: ClassOrder;
  readonly decision: ClassDecision;
  readonly tiers: ReadonlyMap<string, TrunkTier>;
};

/** The route as it is told: see {@link PlannedRoute}. `version` is that of the PBX's plan. */
export function plannedRoute(
  { pbx, modes, readBack }: PbxRouteInput,
  { decision, order, tiers }: DecidedClass,
  version: number,
): PlannedRoute {
  const { current, planned } = decision.memory;
  return {
    pbx,
    class: order.class,
    mode: classMode(modes, order.class),
    trunks: planned,
    current,
    configured: order.trunks,
    version,
    reason: decision.reason,
    perTrunk: planned.map(({ trunk }) => standing(trunk, tiers)),
    isChanged: decision.isChanged,
    isInAsterisk: isInAsterisk(current, order.class, readBack),
    isPanic: decision.isPanic,
    isWaiting: decision.isWaiting,
    ...(decision.heldBack && { heldBack: decision.heldBack }),
  };
}

/** The flip of a class with its sentence (safety rule 7); undefined where its first trunk stays. */
export function plannedFlip(
  { pbx, trunks }: PbxRouteInput,
  { decision, order, tiers }: DecidedClass,
  { constraints, verdicts }: { readonly constraints: RouteConstraints; readonly verdicts: readonly Verdict[] },
  version: number,
  nowMs: number,
): FlipProposal | undefined {
  if (!decision.flip) return undefined;
  const from = standing(decision.flip.from, tiers);
  const to = standing(decision.flip.to, tiers);
  const { mode, planned } = decision.memory;
  const verdict = verdicts.find(({ verdictId }) => verdictId === from.verdictId);
  const providerOf = (name: string) => trunks.find(({ trunk }) => trunk === name)?.provider;
  const { pinnedBy } = decision;
  const orderedBy = whoOrdered({ from, pinnedBy, providerOf }, constraints.maintenance, nowMs);
  const told = { pbx, class: order.class, mode, from, to, verdict, isPanic: decision.isPanic };
  return {
    pbx,
    class: order.class,
    mode,
    direction: order.trunks.indexOf(to.trunk) < order.trunks.indexOf(from.trunk) ? 'back' : 'away',
    fromTrunk: from.trunk,
    toTrunk: to.trunk,
    trunks: planned,
    version,
    verdictId: verdict?.verdictId,
    orderedBy,
    atMs: nowMs,
    sentence: flipSentence({ ...told, orderedBy, orderReason: pinnedBy === undefined ? undefined : decision.reason }),
  };
}

function standing(trunk: string, tiers: ReadonlyMap<string, TrunkTier>): TrunkTier {
  return tiers.get(trunk) ?? { trunk, tier: 'unknown', reason: 'not a trunk of this PBX', verdictId: undefined };
}
