import Type, { type Static } from 'typebox';
import { Identifier } from '../../wire/identifiers.ts';
import { Currency } from './rates/deck-layout.ts';

const closed = { additionalProperties: false } as const;
/** A number that no rate prices is refused, or taken at the dearest rate of the provider. It is never priced 0 (safety rule 6). */
const UnknownPrefix = { anyOf: [Type.Literal('refuse'), Type.Literal('dearest')] } as const;

/** What the hub reckons money by. */
export const SpendPolicy = Type.Object(
  {
    /** All money of the hub is in micro-units of it. */
    currency: Type.String({ ...Currency, default: 'EUR' }),
    /** A fixed table: what one unit of another currency is worth, as a decimal in quotes such as "0.92". */
    exchange: Type.Record(Currency, Type.String({ minLength: 1, maxLength: 20 }), { maxProperties: 200, default: {} }),
    /** ISO 3166: whose national numbers are meant where somebody asks for the price of one. */
    country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'two capital letters, such as DE' })),
    unknownPrefix: Type.Union([...UnknownPrefix.anyOf], { default: 'refuse' }),
    /** Tenants for whom that is otherwise. */
    tenants: Type.Array(
      Type.Object({ tenant: Identifier, unknownPrefix: Type.Union([...UnknownPrefix.anyOf]) }, closed),
      {
        maxItems: 50_000,
        default: [],
      },
    ),
  },
  { ...closed, default: {} },
);
/** Static type of {@link SpendPolicy}. */
export type SpendPolicy = Static<typeof SpendPolicy>;
