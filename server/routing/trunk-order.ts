import type { Tier } from './trunk-tier.ts';

/** What an order is made of. `current` is a permutation of `configured`. */
export type OrderInput = {
  readonly configured: readonly string[];
  readonly current: readonly string[];
  readonly tierOf: (trunk: string) => Tier;
  /** How good a trunk is within its tier, 0 to 1; without it bad trunks keep the order they stand in. */
  readonly scoreOf?: (trunk: string) => number;
  /** Among degraded trunks one passes another if its score is better by so much. */
  readonly scoreMargin?: number;
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
 * 1. Usable trunks go back to their configured place; shedding, held, half-open and unknown ones stay where they stand (rules 2
 *    and 9).
 * 2. Degraded trunks go behind the rest, if then a usable or merely shedding trunk leads; otherwise they stay. Among themselves
 *    the clearly better ones go first.
 * 3. Trunks in maintenance go behind those, and hard-down trunks last.
 *
 * With every trunk unknown, held or half-open the order is the current one.
 */
export function orderTrunks(input: OrderInput): TrunkOrder {
  const { configured, current, tierOf } = input;
  const isAtRest = current.every((trunk, at) => trunk === configured[at] && tierOf(trunk) === 'usable');
  if (isAtRest) return { trunks: current, isPanic: false, isWithoutRefuge: false };
  const last: string[] = [];
  const inMaintenance: string[] = [];
  const left: string[] = [];
  for (const trunk of current) {
    const tier = tierOf(trunk);
    (tier === 'hard-down' ? last : tier === 'maintenance' ? inMaintenance : left).push(trunk);
  }
  const alive = restored(left, configured, tierOf);
  const isDegraded = (trunk: string) => tierOf(trunk) === 'degraded';
  const sound = alive.filter((trunk) => !isDegraded(trunk));
  const [leader] = alive;
  const [refuge] = sound;
  const isWithoutRefuge =
    leader !== undefined && refuge !== undefined && isDegraded(leader) && !isRefuge(tierOf(refuge));
  const isMoved = !isWithoutRefuge && sound.length < alive.length;
  const ahead = isMoved ? [...sound, ...bestFirst(alive.filter(isDegraded), input)] : alive;
  return { trunks: [...ahead, ...inMaintenance, ...last], isPanic: refuge === undefined, isWithoutRefuge };
}

function isRefuge(tier: Tier): boolean {
  return tier === 'usable' || tier === 'shedding';
}

/** Moves each trunk ahead of those before it that are worse by the margin; those about as good keep their order. */
function bestFirst(trunks: readonly string[], { scoreMargin = 1, scoreOf }: OrderInput): readonly string[] {
  if (!scoreOf) return trunks;
  const order: string[] = [];
  for (const trunk of trunks) {
    let place = order.length;
    while (place > 0 && scoreOf(trunk) - scoreOf(order[place - 1] ?? trunk) >= scoreMargin) place -= 1;
    order.splice(place, 0, trunk);
  }
  return order;
}

/** Moves each usable trunk up before the first trunk that is configured after it. */
function restored(
  current: readonly string[],
  configured: readonly string[],
  tierOf: (trunk: string) => Tier,
): readonly string[] {
  const places = current.map((trunk) => configured.indexOf(trunk));
  if (places.every((place, at) => at === 0 || (places[at - 1] ?? place) <= place)) return current;
  for (const place of places.toSorted((a, b) => a - b)) {
    if (tierOf(configured[place] ?? '') !== 'usable') continue;
    const from = places.indexOf(place);
    const target = places.findIndex((other) => other > place);
    if (target === -1 || target > from) continue;
    places.splice(from, 1);
    places.splice(target, 0, place);
  }
  return places.map((place) => configured[place] ?? '');
}
