import type { Tier } from './trunk-tier.ts';

/** What an order is made of. `current` is a permutation of `configured`. */
export type OrderInput = {
  readonly configured: readonly string[];
  readonly current: readonly string[];
  readonly tierOf: (trunk: string) => Tier;
};

/** An order, always a permutation of the configured trunks, so never empty (safety rule 4). */
export type TrunkOrder = {
  readonly trunks: readonly string[];
  /** No trunk is left that is not bad: the least bad one leads, loudly. */
  readonly isPanic: boolean;
  /** Degraded trunks kept their place, for nothing with good evidence would lead instead. */
  readonly isWithoutRefuge: boolean;
};

/**
 * Orders the trunks of one route, starting from the order that Asterisk has now.
 *
 * 1. Usable trunks go back to their configured place; held, half-open and unknown ones stay where they stand (rules 2 and 9).
 * 2. Degraded trunks go behind the rest, if then a usable trunk leads; otherwise they stay.
 * 3. Hard-down trunks go last.
 *
 * With every trunk unknown, held or half-open the order is the current one.
 */
export function orderTrunks({ configured, current, tierOf }: OrderInput): TrunkOrder {
  const isDegraded = (trunk: string) => tierOf(trunk) === 'degraded';
  const hardDown = current.filter((trunk) => tierOf(trunk) === 'hard-down');
  const alive = restored(
    current.filter((trunk) => tierOf(trunk) !== 'hard-down'),
    configured,
    tierOf,
  );
  const sound = alive.filter((trunk) => !isDegraded(trunk));
  const [leader] = alive;
  const [refuge] = sound;
  const isWithoutRefuge =
    leader !== undefined && refuge !== undefined && isDegraded(leader) && tierOf(refuge) !== 'usable';
  const ahead = isWithoutRefuge ? alive : [...sound, ...alive.filter(isDegraded)];
  return { trunks: [...ahead, ...hardDown], isPanic: refuge === undefined, isWithoutRefuge };
}

/** Moves each usable trunk up before the first trunk that is configured after it. */
function restored(
  current: readonly string[],
  configured: readonly string[],
  tierOf: (trunk: string) => Tier,
): readonly string[] {
  const place = new Map(configured.map((trunk, at) => [trunk, at]));
  const placeOf = (trunk: string) => place.get(trunk) ?? configured.length;
  return configured.reduce<readonly string[]>((order, trunk) => {
    if (!order.includes(trunk) || tierOf(trunk) !== 'usable') return order;
    const target = order.findIndex((other) => placeOf(other) > placeOf(trunk));
    if (target === -1 || target > order.indexOf(trunk)) return order;
    return order.flatMap((other, at) => {
      if (other === trunk) return [];
      return at === target ? [trunk, other] : [other];
    });
  }, current);
}
