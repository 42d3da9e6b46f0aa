import Type, { type Static } from 'typebox';
import { Identifier } from '../wire/identifiers.ts';

/** One number that this probe may call through one trunk, and what that may cost. It stands nowhere but in the probe's own file. */
export const TestCall = Type.Object(
  {
    trunk: Identifier,
    /** All edges of the trunk, when absent. */
    edge: Type.Optional(Identifier),
    /** As the provider wants it dialled. */
    number: Type.String({
      pattern: '^\\+?[0-9*#]{1,32}$',
      description: 'a number as it is dialled: digits, * and #, with or without a + first, 1 to 32 of them',
    }),
    /** User part of From and Contact: a number that the provider lets us show. */
    caller: Type.String({
      pattern: '^[A-Za-z0-9+_.-]{1,64}$',
      description: 'a number or user name: letters, digits and + _ . - alone, 1 to 64 of them',
    }),
    /** What answers: it gives our packets back, plays a tone, or does nothing with media. */
    far: Type.Union([Type.Literal('echo'), Type.Literal('tone'), Type.Literal('none')]),
    talkMs: Type.Integer({ minimum: 1000, maximum: 60_000, default: 8000 }),
    ringMs: Type.Integer({ minimum: 1000, maximum: 120_000, default: 20_000 }),
    maxPerDay: Type.Integer({ minimum: 1, maximum: 1440 }),
    maxSecondsPerDay: Type.Integer({ minimum: 1, maximum: 86_400 }),
    /** Micro-units of `currency`; a call is held at the sum of both. */
    priceMicrosPerCall: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }),
    /** For each begun minute. */
    priceMicrosPerMinute: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }),
    maxMicrosPerDay: Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'three capital letters, as ISO 4217 has them: EUR' }),
    /** Whose midnight begins a day of the budget. */
    timeZone: Type.String({
      pattern: '^[A-Za-z0-9_+/-]{1,64}$',
      description: 'the name of a time zone such as Europe/Berlin',
      default: 'UTC',
    }),
  },
  { additionalProperties: false },
);
/** Static type of {@link TestCall}. */
export type TestCall = Static<typeof TestCall>;
