import type { WeightedTrunk } from '../../wire/plan.ts';
import { muchShared, newlyShared } from './call-shares.ts';
import type { ClassInput } from './class-input.ts';
import type { HeldBack } from './route-plan.ts';
import type { Tier } from './trunk-tier.ts';

const NONE: readonly string[] = [];

/** True for a trunk that calls leave without waiting: hard-down, or in maintenance because a person said so. */
export function isLeftAtOnce(tier: Tier): boolean {
  return tier === 'hard-down' || tier === 'maintenance';
}

/** Trunks whose shares grow so that the change counts as a move of calls. */
export function movedShares(
  { tierOf }: Pick<ClassInput, 'tierOf'>,
  planned: readonly WeightedTrunk[],
  current: readonly WeightedTrunk[],
): readonly string[] {
  if (planned === current) return NONE;
  const much = muchShared(planned, current, (trunk) => isLeftAtOnce(tierOf(trunk)));
  return [...newlyShared(planned, current), ...much];
}

/** A change of a route; `moved` is what {@link movedShares} gives for the two, and `pinned` the trunk that a pin makes lead. */
export type RouteChange = {
  readonly from: readonly WeightedTrunk[];
  readonly to: readonly WeightedTrunk[];
  readonly moved: readonly string[];
  readonly pinned: string | undefined;
};

/** A change that waits: what for, and in words. */
export type Wait = { readonly heldBack: HeldBack; readonly reason: string };

/**
 * Why a change of the first trunk, a first share for another, or a much larger one, must wait: for the end of a maintenance of the PBX or
 * its site, and where it is enforced for its time and for room in the blast radius. A move off a hard-down trunk never does, nor
 * what a person ordered.
 */
export function whyWait(
  { pbx, memory, rest, tierOf, policy, budget }: ClassInput,
  change: RouteChange,
  isEnforced: boolean,
  nowMs: number,
): Wait | undefined {
  const from = change.from[0]?.trunk ?? '';
  const to = change.to[0]?.trunk ?? '';
  const [first] = change.moved;
  if (from === to && first === undefined) return undefined;
  if (isLeftAtOnce(tierOf(from)) || change.pinned === to) return undefined;
  const isFirst = change.from.some(({ trunk, weight }) => trunk === first && weight === 0);
  const share = isFirst ? 'a share' : 'a larger share';
  const what = from === to ? `${first} should take ${share}` : `${to} should lead instead of ${from}`;
  if (rest) {
    const place = Object.values(rest.of).join();
    const reason = `Waits: ${what}, but ${place} is in maintenance by ${rest.actor}, ${rest.reason}.`;
    return { heldBack: 'maintenance', reason };
  }
  if (!isEnforced) return undefined;
  const flippedAtMs = memory?.flippedAtMs;
  if (from !== to && flippedAtMs !== undefined && nowMs - flippedAtMs < policy.minDwellMs) {
    const leftS = Math.ceil((flippedAtMs + policy.minDwellMs - nowMs) / 1000);
    return { heldBack: 'dwell', reason: `Waits: ${what}, but the route changed lately (${leftS} s left).` };
  }
  if (!budget.isOpenTo(pbx)) {
    const reason = `Waits: ${what}, but ${budget.limit} PBXs changed within the last minute already.`;
    return { heldBack: 'blast-radius', reason };
  }
  return undefined;
}
