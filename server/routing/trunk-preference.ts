import type { ClassOrder } from './route-input.ts';

/**
 * The order of a class's trunks when all is well: the configured one, in which trunks of known price go by price where the class
 * says so. A trunk of unknown price keeps its place: unknown is neither dear nor cheap (safety rule 2). Equals keep their order.
 */
export function preferredOrder({ prefer, priceMicros, trunks }: ClassOrder): readonly string[] {
  if (prefer !== 'price' || !priceMicros) return trunks;
  const priceOf = (trunk: string): number => priceMicros.get(trunk) ?? 0;
  const byPrice = trunks.filter((trunk) => priceMicros.has(trunk)).toSorted((a, b) => priceOf(a) - priceOf(b));
  let next = 0;
  return trunks.map((trunk) => {
    if (!priceMicros.has(trunk)) return trunk;
    next += 1;
    return byPrice[next - 1] ?? trunk;
  });
}

/** What a call meets at a trunk that it would meet at another one too: the provider, and the way out of the site. */
export type TrunkGrounds = { readonly provider: string | undefined; readonly exit?: string | undefined };

/**
 * Brings a fallback that has least in common with the leader to the second place, so that one fault does not meet a call twice: another provider by
 * another way out, else another provider, else another way out. Of equals the first that {@link mayServe}; with none such the
 * order stays.
 */
export function diverseFallback(
  trunks: readonly string[],
  groundsOf: (trunk: string) => TrunkGrounds,
  mayServe: (trunk: string) => boolean,
): readonly string[] {
  const [leader, ...rest] = trunks;
  if (leader === undefined) return trunks;
  const own = groundsOf(leader);
  let [best, most] = [undefined as string | undefined, 0];
  for (const trunk of rest) {
    const { exit, provider } = groundsOf(trunk);
    const apart = (provider === own.provider ? 0 : 2) + (exit === own.exit ? 0 : 1);
    if (apart > most && mayServe(trunk)) [best, most] = [trunk, apart];
  }
  return best === undefined ? trunks : [leader, best, ...rest.filter((trunk) => trunk !== best)];
}
