import { MAX_PRICE_MICROS, type RateTerms } from '../../../wire/charge.ts';

/** How much of the hub's currency one unit of each other is worth, in units of 10^-9. The hub's own stands in it as 10^9. */
export type ExchangeTable = ReadonlyMap<string, bigint>;

const NANO = 1_000_000_000n;

/**
 * Reads a fixed table of exchange.
 *
 * @param own - the hub's currency.
 * @param worth - by currency, what one unit is worth of the hub's, as a decimal such as `0.92`.
 * @returns the table, or the currencies whose worth is no decimal above 0 with up to nine digits on either side.
 */
export function exchangeTable(
  own: string,
  worth: Readonly<Record<string, string>>,
): { readonly ok: true; readonly table: ExchangeTable } | { readonly ok: false; readonly wrong: readonly string[] } {
  const table = new Map<string, bigint>([[own, NANO]]);
  const wrong: string[] = [];
  for (const [currency, text] of Object.entries(worth)) {
    const [, whole, fraction = ''] = /^([0-9]{1,9})(?:\.([0-9]{1,9}))?$/.exec(text) ?? [];
    const nano = whole === undefined ? 0n : BigInt(whole) * NANO + BigInt(fraction.padEnd(9, '0'));
    if (nano === 0n || (currency === own && nano !== NANO)) wrong.push(currency);
    else table.set(currency, nano);
  }
  return wrong.length > 0 ? { ok: false, wrong } : { ok: true, table };
}

/**
 * The same terms in the hub's currency, rounded up to a micro-unit.
 *
 * @returns undefined where the currency is not in the table, or a price becomes dearer than terms may be.
 */
export function exchanged(terms: RateTerms, currency: string, table: ExchangeTable): RateTerms | undefined {
  const nano = table.get(currency);
  if (nano === undefined) return undefined;
  if (nano === NANO) return terms;
  const connectFeeMicros = scaled(terms.connectFeeMicros, nano);
  const priceMicrosPerMinute = scaled(terms.priceMicrosPerMinute, nano);
  if (Math.max(connectFeeMicros, priceMicrosPerMinute) > MAX_PRICE_MICROS) return undefined;
  return { ...terms, connectFeeMicros, priceMicrosPerMinute };
}

/** At most 10^12 × 10^18 / 10^9: a BigInt, made a number only to be compared where it is beyond 2^53. */
function scaled(micros: number, nano: bigint): number {
  return Number((BigInt(micros) * nano + NANO - 1n) / NANO);
}
