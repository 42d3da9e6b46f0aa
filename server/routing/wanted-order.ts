import type { WeightedTrunk } from '../../wire/plan.ts';
import type { ClassInput } from './class-input.ts';
import { pinnedOrder } from './pinned-order.ts';
import type { ClassOrder } from './route-input.ts';
import { orderTrunks, type TrunkOrder } from './trunk-order.ts';
import { diverseFallback, preferredOrder } from './trunk-preference.ts';

/** The order that a class should have, before anything is put off. */
export type WantedOrder = TrunkOrder & {
  /** The pinned trunk, where a pin is heeded now. */
  readonly pinned: string | undefined;
  /** The pin's own first trunk, where the pin gives way because that is hard-down or was. */
  readonly aside: string | undefined;
};

/** The order by health, preference and pin, from the one that Asterisk has. */
export function wantedOrder(input: ClassInput, current: readonly WeightedTrunk[]): WantedOrder {
  const { memory, order, pin, policy, tierOf, tiers } = input;
  const configured = preferredOrder(order);
  const isAtRest = current.every(({ trunk }, at) => trunk === configured[at] && tierOf(trunk) === 'usable');
  const isDiverse = order.isFallbackDiverse === true || isByPrice(order);
  if (isAtRest && pin === undefined && !isDiverse) return rest(configured);
  const wanted = orderTrunks({
    configured,
    current: current.map(({ trunk }) => trunk),
    tierOf,
    scoreOf: (trunk) => tiers.get(trunk)?.score ?? 1,
    scoreMargin: policy.scoreMargin,
  });
  const { aside, trunks: ahead } = pinnedOrder({ pin, trunks: order.trunks, tierOf, aside: memory?.pinAside });
  const led =
    ahead.length === 0 ? wanted.trunks : [...ahead, ...wanted.trunks.filter((trunk) => !ahead.includes(trunk))];
  const isSecondFree = isDiverse && ahead.length < 2;
  return { ...wanted, trunks: isSecondFree ? withDiverse(led, input) : led, pinned: ahead[0], aside };
}

function isByPrice({ prefer, priceMicros }: ClassOrder): boolean {
  return prefer === 'price' && priceMicros !== undefined;
}

/** Every trunk is usable and where it should be. */
function rest(trunks: readonly string[]): WantedOrder {
  return { trunks, isPanic: false, isWithoutRefuge: false, pinned: undefined, aside: undefined };
}

/** Among those that cost the same diversity costs nothing; where a class wants it, it goes before the order. */
function withDiverse(trunks: readonly string[], { groundsOf, order, tierOf }: ClassInput): readonly string[] {
  const price = order.priceMicros?.get(trunks[1] ?? '');
  const isEqual = (trunk: string): boolean => price !== undefined && order.priceMicros?.get(trunk) === price;
  return diverseFallback(
    trunks,
    groundsOf,
    (trunk) => tierOf(trunk) === 'usable' && (order.isFallbackDiverse === true || isEqual(trunk)),
  );
}
