import Type from 'typebox';
import { Identifier } from '../wire/identifiers.ts';

const closed = { additionalProperties: false } as const;

const CallerNumber = Type.String({
  pattern: '^\\+?[0-9]{2,20}$',
  description: '2 to 20 digits, with or without a + first',
});
const Micros = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const Status = Type.Integer({ minimum: 400, maximum: 699 });

/** Who a provider is told is calling. */
const CallerIdRule = Type.Union([
  Type.Object({ rule: Type.Literal('pass') }, closed),
  Type.Object({ rule: Type.Literal('fixed'), number: CallerNumber }, closed),
  Type.Object(
    {
      rule: Type.Literal('tenant'),
      /** The number of each tenant, as `tenant` of this file names them. */
      numbers: Type.Record(Identifier, CallerNumber, { minProperties: 1, maxProperties: 5000 }),
      /** For everybody else, and where no tenant is named. */
      otherwise: CallerNumber,
    },
    closed,
  ),
]);

/** Keys of a trunk that are the dialplan include's alone; nothing of them is measured. */
export const dialSettings = {
  /** How a number is written for this provider; `{e164}` stands for the digits without `+`. */
  numberTemplate: Type.String({
    pattern: '^[+0-9*#]{0,20}\\{e164\\}$',
    description: '{e164}, with up to 20 of the characters + * # and digits before it and nothing after it',
    default: '+{e164}',
  }),
  /** How numbers of the provider's own country are written instead; `{national}` stands for the digits behind the country code. */
  national: Type.Optional(
    Type.Object(
      {
        countryCode: Type.String({ pattern: '^[1-9][0-9]{0,3}$', description: '1 to 4 digits, no 0 first' }),
        template: Type.String({
          pattern: '^[+0-9*#]{0,20}\\{national\\}$',
          description: '{national}, with up to 20 of the characters + * # and digits before it and nothing after it',
          default: '0{national}',
        }),
      },
      closed,
    ),
  ),
  callerId: Type.Union(CallerIdRule.anyOf, { default: { rule: 'pass' } }),
  /** P-Asserted-Identity (RFC 3325): a number by a rule of its own, at the provider's domain. */
  assertedIdentity: Type.Optional(
    Type.Object(
      {
        callerId: Type.Union(CallerIdRule.anyOf, { default: { rule: 'pass' } }),
        domain: Type.String({
          pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
          description: 'a host name or IPv4 address',
        }),
      },
      closed,
    ),
  ),
  /** Offered in this order and alone; what the endpoint allows when absent. */
  codecs: Type.Optional(
    Type.Array(
      Type.String({ pattern: '^[a-z0-9]{2,16}$', description: 'a codec as Asterisk names it: alaw, ulaw, g722' }),
      { minItems: 1, maxItems: 16 },
    ),
  ),
  /** The edge that is dialled first; the others follow in their order. */
  edgeChoice: Type.Union([Type.Literal('in-order'), Type.Literal('random')], { default: 'in-order' }),
  /** Context that dials for this trunk, as `Local/NUMBER@CONTEXT/n`; the endpoint itself when absent. */
  localContext: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z][A-Za-z0-9_-]{0,78}$',
      description: 'the name of a context: a letter, then letters, digits, _ and -',
    }),
  ),
  /** What this PBX may use of the trunk; emergency calls are not held back by it. */
  capacity: Type.Optional(
    Type.Object(
      {
        /** Legs up at once. */
        calls: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
        /** Attempts begun within one second of the clock. */
        callsPerS: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
      },
      { ...closed, minProperties: 1 },
    ),
  ),
  /** What differs from the reroute table (408, 500, 502, 503, 504). */
  reroute: Type.Optional(
    Type.Object(
      {
        next: Type.Array(Status, { maxItems: 64, default: [] }),
        final: Type.Array(Status, { maxItems: 64, default: [] }),
        /** An announcement of the provider (183) does not end the search; ringing always does. */
        afterEarlyMedia: Type.Boolean({ default: false }),
      },
      closed,
    ),
  ),
  /** What a minute costs by class, for ceilings; micro-units of one currency for the whole file. */
  pricesMicrosPerMinute: Type.Optional(Type.Record(Identifier, Micros)),
  /**
   * How long one attempt may take, ringing included, seconds. Not below 20: a provider may need 8 s to ring, and Asterisk has one
   * time-out for both.
   */
  dialTimeoutS: Type.Integer({ minimum: 20, maximum: 300, default: 60 }),
};

/** Trunks above it, or without a price for the class, take no call of the class; micro-units a minute. */
export const ClassCeiling = Type.Optional(Micros);

/** Where the tenant that calls is named. */
export const TenantSource = Type.Union(
  [
    Type.Object(
      {
        from: Type.Literal('variable'),
        /** Set by `set_var` of the caller's endpoint. */
        variable: Type.String({
          pattern: '^[A-Z][A-Z0-9_]{0,39}$',
          description: 'a channel variable: a capital letter, then capitals, digits and _',
          default: 'TENANT',
        }),
      },
      closed,
    ),
    Type.Object({ from: Type.Literal('accountcode') }, closed),
  ],
  { default: { from: 'variable', variable: 'TENANT' } },
);
