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

/**
 * Brings a fallback of another provider than the leader's to the second place, so that one provider's fault does not meet a call
 * twice: the first that {@link mayServe}; with none such the order stays.
 */
export function diverseFallback(
  trunks: readonly string[],
  providerOf: (trunk: string) => string | undefined,
  mayServe: (trunk: string) => boolean,
): readonly string[] {
  const [leader, ...rest] = trunks;
  if (leader === undefined) return trunks;
  const other = rest.find((trunk) => mayServe(trunk) && providerOf(trunk) !== providerOf(leader));
  return other === undefined ? trunks : [leader, other, ...rest.filter((trunk) => trunk !== other)];
}
