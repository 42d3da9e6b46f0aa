import type { Verdict } from '../correlate/verdict.ts';
import type { PathHealth } from '../paths/path-health.ts';
import { type Evidence, edgeEvidence, trunkEvidence } from './edge-evidence.ts';
import { demotedWhenFound } from './found-demotions.ts';
import { besideOwnExit, type SeenTrunk } from './own-exit.ts';
import { entryOf, type PbxMemory } from './planner-memory.ts';
import type { PbxRouteInput, PbxTrunk, RouteInput } from './route-input.ts';
import type { RoutePolicy } from './route-policy.ts';
import { adoptedHold, NO_HOLD, stepHold, type TrunkHold } from './trunk-hold.ts';
import type { TrunkLook } from './trunk-look.ts';
import { trunkScore } from './trunk-score.ts';
import { trunkTier } from './trunk-tier.ts';

/** What trunks are looked at with. */
export type LookGround = {
  readonly healths: Pick<RouteInput['healths'], 'get'>;
  readonly verdicts: readonly Verdict[];
  readonly policy: RoutePolicy;
};

/** The trunks of one PBX, by name, with the holds to remember: the very same where none changed. */
export type TrunkLooks = {
  readonly holds: PbxMemory['holds'];
  readonly looks: ReadonlyMap<string, TrunkLook>;
};

/** Looks at every trunk of one PBX: what its paths and verdicts say now, and the hold that this leads to. */
export function trunkLooks(memory: PbxMemory, input: PbxRouteInput, ground: LookGround, nowMs: number): TrunkLooks {
  const { policy } = ground;
  const adopted = demotedWhenFound(memory, input);
  const looks = new Map<string, TrunkLook>();
  let changed: Record<string, TrunkHold> | undefined;
  const all = besideOwnExit(
    input.trunks.map((of) => seen(of, ground)),
    input,
    ground.verdicts,
  );
  for (const { evidence, healths, of } of all) {
    const { trunk } = of;
    const known = entryOf(memory.holds, trunk);
    const remembered = known ?? NO_HOLD;
    const before = adopted.has(trunk) && remembered.phase === 'free' ? adoptedHold(nowMs) : remembered;
    const hold = stepHold(before, evidence, policy, nowMs);
    if (hold !== known) {
      changed ??= { ...memory.holds };
      changed[trunk] = hold;
    }
    const { reason, tier, verdictId } = trunkTier(trunk, evidence, hold, policy, nowMs);
    const { factors, score } = trunkScore({ healths, standing: undefined, usedRatio: undefined });
    const shown = { trunk, tier, reason, verdictId, score, factors };
    looks.set(trunk, { of, evidence, tier: shown, healths, isUnblemished: hold.strikes === 0 });
  }
  return { holds: ofTrunks(changed ?? memory.holds, looks), looks };
}

/** Without the holds of trunks that are none of the PBX's any more. */
function ofTrunks(holds: PbxMemory['holds'], looks: ReadonlyMap<string, TrunkLook>): PbxMemory['holds'] {
  const names = Object.keys(holds);
  if (names.length === looks.size) return holds;
  return Object.fromEntries(Object.entries(holds).filter(([trunk]) => looks.has(trunk)));
}

/** A path of which nothing is known is an edge all the same: an unknown one. */
function seen(of: PbxTrunk, { healths, verdicts }: LookGround): SeenTrunk {
  const { pathKeys, provider } = of;
  const [only] = pathKeys;
  if (only !== undefined && pathKeys.length === 1) {
    const health = healths.get(only);
    return { of, evidence: edgeEvidence(provider, health, verdicts), healths: health ? [health] : [] };
  }
  const known: PathHealth[] = [];
  const edges: Evidence[] = [];
  for (const key of pathKeys) {
    const health = healths.get(key);
    if (health) known.push(health);
    edges.push(edgeEvidence(provider, health, verdicts));
  }
  return { of, evidence: trunkEvidence(edges), healths: known };
}
