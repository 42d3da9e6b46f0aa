import type { WeightedTrunk } from '../../wire/plan.ts';
import { ratios } from './call-shares.ts';
import type { ClassInput } from './class-input.ts';
import { type Ramp, stepRamp } from './ramp.ts';
import { preferredOrder } from './trunk-preference.ts';
import { BAD_TIERS } from './trunk-tier.ts';
import type { WantedOrder } from './wanted-order.ts';

/** A trunk that takes a share of the calls besides, in percent of them all, and why as a clause. */
export type Guest = {
  readonly trunk: string;
  readonly percent: number;
  readonly ramp?: Ramp;
  readonly clause: string;
};

/** The order while a guest takes its share. */
export type ComingBack = { readonly trunks: readonly string[]; readonly guest: Guest };

/**
 * A trunk that should lead instead of one that is not bad comes back by growing shares, and meanwhile stands second. One that
 * only calls can tell of is given the first share, if it stands before the leader in the configuration or has a share there.
 *
 * @returns undefined where nothing comes back, or what does may lead at once.
 */
export function comingBack(
  input: ClassInput,
  wanted: WantedOrder,
  current: readonly WeightedTrunk[],
  nowMs: number,
): ComingBack | undefined {
  const { calls, latestAtMs, memory, order, policy, tierOf } = input;
  const { pinned, trunks } = wanted;
  if (!policy.isCanaryOn || (pinned !== undefined && trunks[0] === pinned)) return undefined;
  const from = current[0]?.trunk ?? '';
  const to = trunks[0] ?? '';
  const waiting = unseenRamp(input, from);
  if (waiting && from === to) {
    const { percent, ramp } = waiting;
    const clause = `${ramp.trunk} keeps ${percent} % of the calls: nothing is known of it now`;
    const guest = { trunk: ramp.trunk, percent, ramp: { ...ramp, sinceMs: nowMs }, clause };
    return { trunks: guestSecond(trunks, from), guest };
  }
  if (from === to) return triedBeside(input, trunks, current);
  if (BAD_TIERS.has(tierOf(from)) || tierOf(to) !== 'usable') return undefined;
  const recent = calls.recent(to, order.class);
  const step = stepRamp({ ramp: memory?.ramp, trunk: to, calls: recent, latestAtMs }, policy, nowMs);
  if (step.kind === 'lead') return undefined;
  const { clause, percent, ramp } = step;
  return { trunks: guestSecond(trunks, from), guest: { trunk: to, percent, ramp, clause } };
}

function guestSecond(trunks: readonly string[], leader: string): readonly string[] {
  return [leader, ...trunks.filter((trunk) => trunk !== leader)];
}

/**
 * The step that a ramp stands on while nothing is known of its trunk: when the hub or its probe has just started, or is silent.
 * Unknown is neither bad nor good (safety rule 2), so the share stays and the evidence for the next step begins anew.
 */
function unseenRamp(
  { memory, policy, tierOf }: ClassInput,
  leader: string,
): { readonly percent: number; readonly ramp: Ramp } | undefined {
  const ramp = memory?.ramp;
  if (!ramp || ramp.trunk === leader || tierOf(ramp.trunk) !== 'unknown' || BAD_TIERS.has(tierOf(leader)))
    return undefined;
  const percent = policy.canary.sharePercents[ramp.step];
  return percent === undefined ? undefined : { percent, ramp };
}

/** A trunk that only calls can tell of, beside a leader that stays. */
function triedBeside(
  input: ClassInput,
  trunks: readonly string[],
  current: readonly WeightedTrunk[],
): ComingBack | undefined {
  const { order, policy, tierOf, tiers } = input;
  const [percent] = policy.canary.sharePercents;
  const leader = trunks[0] ?? '';
  if (percent === undefined || !trunks.some((each) => tiers.get(each)?.isTriedByCalls)) return undefined;
  const preferred = preferredOrder(order);
  const trunk = preferred.find((each, at) => {
    const isAhead = at < preferred.indexOf(leader);
    return each !== leader && (isAhead || lacksShare(each, input, current)) && tiers.get(each)?.isTriedByCalls;
  });
  if (trunk === undefined || BAD_TIERS.has(tierOf(leader))) return undefined;
  return { trunks, guest: { trunk, percent, clause: `${trunk} takes ${percent} % of the calls, to know it by` } };
}

/** It has a share in the configuration, and fewer calls by now than a first step gives. */
function lacksShare(trunk: string, { order, policy }: ClassInput, current: readonly WeightedTrunk[]): boolean {
  const [percent = 0] = policy.canary.sharePercents;
  return (order.weights?.get(trunk) ?? 0) > 0 && (ratios(current).get(trunk) ?? 0) * 100 < percent;
}
