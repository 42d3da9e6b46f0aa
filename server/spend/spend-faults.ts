import { repeatedNames, type SchemaFault } from '../../wire/schema-faults.ts';
import { exchangeTable } from './rates/exchange.ts';
import type { SpendPolicy } from './spend-schema.ts';

/** What the schema cannot say of `spend`, and of the currency of each provider's decks. */
export function spendFaults({
  providers,
  spend,
}: {
  readonly providers: readonly { readonly rates: { readonly currency?: string | undefined } }[];
  readonly spend: SpendPolicy;
}): readonly SchemaFault[] {
  const exchange = exchangeTable(spend.currency, spend.exchange);
  const known = new Set([spend.currency, ...Object.keys(spend.exchange)]);
  const tenants = spend.tenants.map(({ tenant }) => tenant);
  return [
    ...(exchange.ok ? [] : exchange.wrong).map((currency) => ({
      path: `spend.exchange.${currency}`,
      message:
        currency === spend.currency
          ? 'is the own currency: 1 or nothing'
          : 'expected a decimal above 0, such as "0.92"',
    })),
    ...providers.flatMap(({ rates: { currency } }, at) =>
      currency === undefined || known.has(currency)
        ? []
        : [{ path: `providers[${at}].rates.currency`, message: `${currency} is not in spend.exchange` }],
    ),
    ...repeatedNames('spend.tenants', tenants),
  ];
}
