import { asrLow, type CallStanding } from './call-standing.ts';
import { type CallTrouble, callsSince, stepTrouble, type TroubleStep } from './call-trouble.ts';
import type { ClassGround } from './class-ground.ts';
import { rememberedEffect } from './remembered-trouble.ts';
import type { TrunkLook } from './trunk-look.ts';
import { isWorse, type TrunkTier } from './trunk-tier.ts';

/** A trunk of a class with what the calls of that class make of it. */
export type ByCalls = {
  readonly tier: TrunkTier;
  readonly standing: CallStanding | undefined;
  readonly trouble: CallTrouble | undefined;
};

/**
 * Tells what the calls of a class make of a trunk: never better than its probes show it, but for one that never answers a probe and was
 * never in trouble. For that one calls are the only evidence there is.
 *
 * @param before - what calls said against it until now.
 */
export function byCalls(look: TrunkLook, before: CallTrouble | undefined, ground: ClassGround, nowMs: number): ByCalls {
  const { calls, order, policy, spoiltUntilMs } = ground;
  const { trunk } = look.of;
  if (ground.isOwnSideTroubled) {
    const remembered = before && rememberedEffect(before, nowMs);
    return { tier: worsened(look.tier, remembered), standing: undefined, trouble: before };
  }
  const recent = calls.recent(trunk, order.class);
  const windowFromMs = Math.max(nowMs - policy.calls.windowMs, spoiltUntilMs ?? 0);
  if (recent.length === 0 && !before && calls.mosSince(trunk, windowFromMs) === undefined) {
    return { tier: untried(look, ground), standing: undefined, trouble: undefined };
  }
  const mosSince = (sinceMs: number) => calls.mosSince(trunk, sinceMs);
  const otherAsrLow = () => bestOtherAsr(ground, trunk, nowMs);
  const { latestAtMs } = ground;
  const step = stepTrouble(before, { calls: recent, latestAtMs, otherAsrLow, mosSince, spoiltUntilMs }, policy, nowMs);
  const { effect, standing, trouble } = step;
  if (!effect) return { tier: triedByCalls(look, standing, ground), standing, trouble };
  const tier = worsened(look.tier, effect);
  const isUntold = tier.tier === 'half-open' || (tier.tier === 'shedding' && standing.stage === 'unknown');
  const isTriedByCalls = isUntold && tier !== look.tier;
  return { tier: isTriedByCalls ? { ...tier, isTriedByCalls } : tier, standing, trouble };
}

/** A trunk of which no call is known: as its probes show it, or to be tried where they cannot. */
export function untried(look: TrunkLook, { policy }: Pick<ClassGround, 'policy'>): TrunkTier {
  return triedByCalls(look, undefined, { policy });
}

/** The tier that the probes give, made worse by what calls say; the very same where they say nothing worse. */
function worsened(shown: TrunkTier, effect: TroubleStep['effect']): TrunkTier {
  if (!effect || !isWorse(effect.tier, shown.tier)) return shown;
  const reason = `${shown.trunk} ${effect.tier}: ${effect.clause}; its probes: ${shown.reason}`;
  return { ...shown, tier: effect.tier, reason };
}

/** A trunk that never answered a probe is tried with calls, a few at first. */
function triedByCalls(
  look: TrunkLook,
  standing: CallStanding | undefined,
  { policy }: Pick<ClassGround, 'policy'>,
): TrunkTier {
  const { evidence, isUnblemished, tier } = look;
  const isOpen = evidence.kind === 'unknown' && evidence.isNeverAnswered === true && isUnblemished;
  if (!isOpen) return tier;
  const n = standing?.effective ?? 0;
  const isProven = standing?.stage === 'fine' && n >= policy.canary.calls;
  const clause = isProven
    ? `its calls go through (${n} of late)`
    : `${n} of ${policy.canary.calls} calls to know it by`;
  const reason = `${tier.reason}; ${clause}`;
  return isProven ? { ...tier, tier: 'usable', reason } : { ...tier, tier: 'half-open', reason, isTriedByCalls: true };
}

/** The best proven share of answered calls among the other trunks of the class that have calls enough. */
function bestOtherAsr(ground: ClassGround, but: string, nowMs: number): number | undefined {
  let best: number | undefined;
  for (const [trunk, low] of asrLows(ground, nowMs)) {
    if (trunk !== but && (best === undefined || low > best)) best = low;
  }
  return best;
}

/** Worked out once for all trunks of a class. */
function asrLows({ asrLowOf, calls, order, policy }: ClassGround, nowMs: number): ReadonlyMap<string, number> {
  if (asrLowOf.size > 0) return asrLowOf;
  for (const trunk of order.trunks) {
    const recent = callsSince(calls.recent(trunk, order.class), nowMs - policy.calls.windowMs);
    if (recent.length > 0) asrLowOf.set(trunk, asrLow(recent));
  }
  return asrLowOf;
}
