import Type, { type Static } from 'typebox';
import { Identifier, MonotonicMs } from './identifiers.ts';

const closed = { additionalProperties: false } as const;

/** Outbound registration of a trunk as Asterisk tells it (AMI `Registry`). */
export const RegistrationMeasurement = Type.Object(
  {
    kind: Type.Literal('registration'),
    trunk: Identifier,
    observedAtMs: MonotonicMs,
    state: Type.Union([
      Type.Literal('registered'),
      Type.Literal('unregistered'),
      /** Refused by the provider; or not answered, for which Asterisk has the same word. */
      Type.Literal('rejected'),
      Type.Literal('unreachable'),
    ]),
  },
  closed,
);
/** Static type of {@link RegistrationMeasurement}. */
export type RegistrationMeasurement = Static<typeof RegistrationMeasurement>;

/**
 * One qualify of the PBX's own, read from its contact. Its round trip includes retransmissions: a cluster at +0.5 s is one
 * lost try, at +1.5 s two (RFC 3261 §17.1.2.2, timer E).
 */
export const QualifyMeasurement = Type.Object(
  {
    kind: Type.Literal('qualify'),
    trunk: Identifier,
    edge: Type.Optional(Identifier),
    observedAtMs: MonotonicMs,
    status: Type.Union([Type.Literal('reachable'), Type.Literal('unreachable'), Type.Literal('unknown')]),
    /** Absent unless reachable; Asterisk's wall clock, queueing included. */
    rttMs: Type.Optional(Type.Number({ minimum: 0, maximum: 86_400_000 })),
    /** Interval of the PBX's own OPTIONS to this contact, seconds; 0 is off. Counted into the provider's budget. */
    frequencyS: Type.Integer({ minimum: 0, maximum: 86_400 }),
    timeoutS: Type.Number({ minimum: 0, maximum: 86_400 }),
  },
  closed,
);
/** Static type of {@link QualifyMeasurement}. */
export type QualifyMeasurement = Static<typeof QualifyMeasurement>;

/** Any measurement that comes from the PBX's own signalling besides its INVITEs. */
export const CallMeasurement = Type.Union([RegistrationMeasurement, QualifyMeasurement]);
/** Static type of {@link CallMeasurement}. */
export type CallMeasurement = Static<typeof CallMeasurement>;
