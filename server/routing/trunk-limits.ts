import { type RouteConstraints, type TrunkLimit, usedRatio } from './route-constraints.ts';
import type { RoutePolicy } from './route-policy.ts';

/** Used up, nearly so, or with room; `near` is left only at `roomRatio`, so that a charge given back does not move calls to and fro. */
export function limitStage(
  limit: TrunkLimit | undefined,
  wasShort: boolean,
  { fullRatio, roomRatio }: Pick<RoutePolicy, 'fullRatio' | 'roomRatio'>,
): 'used-up' | 'near' | 'room' {
  if (!limit) return 'room';
  if (limit.usedRatio >= 1) return 'used-up';
  return limit.usedRatio >= (wasShort ? roomRatio : fullRatio) ? 'near' : 'room';
}

/** One text for all trunks that are full, or whose limit is near or used up: while it is the same, no further route sheds for it. */
export function pressureGround({ limits, loads }: RouteConstraints, policy: RoutePolicy): string {
  const full = [...loads].flatMap(([trunk, load]) => ((usedRatio(load) ?? 0) >= policy.fullRatio ? [trunk] : []));
  const short = [...(limits ?? [])].flatMap(([trunk, limit]) => {
    const stage = limitStage(limit, false, policy);
    return stage === 'room' ? [] : [`${trunk} ${stage}`];
  });
  return [...full, ...short].join();
}
