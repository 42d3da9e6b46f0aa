import Type, { type Static } from 'typebox';
import { Counter, DurationMs, Identifier, MonotonicMs, TargetName } from './identifiers.ts';

/**
 * What one attempt met. One attempt per measurement, never a hidden retry (safety rule 1).
 * `answered` carries any final SIP status; judging it is the hub's work. `not-measured` is no evidence at all (rule 2).
 */
export const Outcome = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('answered'),
      rttMs: DurationMs,
      statusCode: Type.Optional(Type.Integer({ minimum: 200, maximum: 699 })),
    },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('timed-out'), waitedMs: DurationMs }, { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Literal('refused'),
      reason: Type.Union([Type.Literal('port-unreachable'), Type.Literal('connection-refused')]),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('not-measured'),
      reason: Type.Union([
        Type.Literal('no-route'),
        Type.Literal('socket-error'),
        Type.Literal('not-permitted'),
        Type.Literal('program-failed'),
        Type.Literal('cancelled'),
      ]),
    },
    { additionalProperties: false },
  ),
]);
/** Static type of {@link Outcome}. */
export type Outcome = Static<typeof Outcome>;

/**
 * Why a measurement was taken: `liveness` at its interval, `confirm` quickly after a miss, `control` of another target
 * beside a confirmation, `loss` at Poisson times. Only `liveness` and `loss` are unbiased samples of loss.
 */
export const Schedule = Type.Union([
  Type.Literal('liveness'),
  Type.Literal('loss'),
  Type.Literal('confirm'),
  Type.Literal('control'),
]);
/** Static type of {@link Schedule}. */
export type Schedule = Static<typeof Schedule>;

const attempt = {
  target: TargetName,
  /** Per (target, kind), one up for each attempt, from 0 at each `instanceId`. */
  sequence: Counter,
  schedule: Schedule,
  /** Probe's monotonic clock when the request left. */
  sentAtMs: MonotonicMs,
  outcome: Outcome,
};

/** One SIP OPTIONS attempt (RFC 3261 §11), single-shot. */
export const SipOptionsMeasurement = Type.Object(
  { kind: Type.Literal('sip-options'), ...attempt },
  { additionalProperties: false },
);
/** One ICMP echo attempt (RFC 792, RFC 4443 §4). */
export const IcmpMeasurement = Type.Object({ kind: Type.Literal('icmp'), ...attempt }, { additionalProperties: false });

/**
 * What an INVITE of a real call met at a trunk. `answered` means the edge itself sent something beyond 100
 * (180, 183, or any final status that is not made locally); evidence against `hard-down`.
 */
export const InviteMeasurement = Type.Object(
  {
    kind: Type.Literal('invite'),
    trunk: Identifier,
    edge: Type.Optional(Identifier),
    observedAtMs: MonotonicMs,
    outcome: Type.Union([Type.Literal('answered'), Type.Literal('unanswered')]),
    statusCode: Type.Optional(Type.Integer({ minimum: 180, maximum: 699 })),
  },
  { additionalProperties: false },
);

/** Any measurement of wire version 1. */
export const Measurement = Type.Union([SipOptionsMeasurement, IcmpMeasurement, InviteMeasurement]);
/** Static type of {@link SipOptionsMeasurement}. */
export type SipOptionsMeasurement = Static<typeof SipOptionsMeasurement>;
/** Static type of {@link IcmpMeasurement}. */
export type IcmpMeasurement = Static<typeof IcmpMeasurement>;
/** Static type of {@link InviteMeasurement}. */
export type InviteMeasurement = Static<typeof InviteMeasurement>;
/** Static type of {@link Measurement}. */
export type Measurement = Static<typeof Measurement>;

/**
 * How good the instrument itself was while the batch was taken (safety rule 1): event-loop delay and the OPTIONS round
 * trip to the probe's own loopback responder. The hub lets a sick probe abstain.
 */
export const InstrumentReading = Type.Object(
  {
    eventLoopDelayP99Ms: DurationMs,
    eventLoopDelayMaxMs: DurationMs,
    selfProbeSent: Counter,
    selfProbeLost: Counter,
    /** Median of the self-probe's round trips in the interval; absent when none was answered. */
    selfProbeRttMs: Type.Optional(DurationMs),
    /** Scheduled attempts that could not be made in time, since the instance started. */
    missedSchedules: Counter,
    /** Measurements dropped oldest first because the uplink's queue was full, since the instance started (safety rule 8). */
    droppedMeasurements: Counter,
    /** Length of the interval the figures above describe. */
    intervalMs: DurationMs,
  },
  { additionalProperties: false },
);
/** Static type of {@link InstrumentReading}. */
export type InstrumentReading = Static<typeof InstrumentReading>;
