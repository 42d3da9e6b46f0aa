import type { Pin } from './route-constraints.ts';
import type { Tier } from './trunk-tier.ts';

/** What it is told from which trunks of a pin hold. */
export type PinnedInput = {
  readonly pin: Pin | undefined;
  /** Trunks of the route. */
  readonly trunks: readonly string[];
  readonly tierOf: (trunk: string) => Tier;
  /** The trunk for which the pin gave way at the planning before, because it was hard-down. */
  readonly aside: string | undefined;
};

/** The trunks of a pin that hold now, in its order, and the one for which it gives way. */
export type PinnedOrder = { readonly trunks: readonly string[]; readonly aside?: string };

const WELL_AGAIN: ReadonlySet<Tier> = new Set<Tier>(['usable', 'shedding', 'half-open']);

/**
 * Tells which trunks a pin puts ahead. It holds against verdicts and calls. Not against a trunk that is hard-down, nor against one that
 * a person put in maintenance: those are passed over, and the next of the pin leads. One that was hard-down waits until its hold
 * is over, so that a pin does not flap with its trunk; one that is held for anything leads only as the first of the pin. Forced it
 * holds against all of that.
 */
export function pinnedOrder({ aside, pin, tierOf, trunks }: PinnedInput): PinnedOrder {
  if (!pin) return { trunks: [] };
  const named = [...new Set([pin.trunk, ...(pin.behind ?? [])])].filter((trunk) => trunks.includes(trunk));
  if (pin.isForced) return { trunks: named };
  const isAside = (trunk: string) =>
    trunk === pin.trunk && (tierOf(trunk) === 'hard-down' || (aside === trunk && !WELL_AGAIN.has(tierOf(trunk))));
  const holding: string[] = [];
  for (const trunk of named) {
    const tier = tierOf(trunk);
    const wouldLead = holding.length === 0 && trunk !== pin.trunk;
    if (tier === 'hard-down' || tier === 'maintenance' || isAside(trunk)) continue;
    if (!(wouldLead && tier === 'held')) holding.push(trunk);
  }
  return { trunks: holding, ...(trunks.includes(pin.trunk) && isAside(pin.trunk) && { aside: pin.trunk }) };
}
