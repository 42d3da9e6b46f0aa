import Type, { type Static } from 'typebox';
import { CallMeasurement } from './call-measurement.ts';
import { HostMeasurement } from './host-measurement.ts';
import { Counter, DurationMs, Identifier, MonotonicMs, TargetName } from './identifiers.ts';
import { RtpMeasurement } from './rtp-measurement.ts';

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
      /** Seconds of a Retry-After beside a 503 (RFC 3261 §20.33, §21.5.4); the probe keeps quiet for as long. */
      retryAfterS: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('timed-out'),
      waitedMs: DurationMs,
      /** What was waited for; absent for the answer itself. */
      phase: Type.Optional(Type.Union([Type.Literal('connect'), Type.Literal('tls')])),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('refused'),
      reason: Type.Union([
        Type.Literal('port-unreachable'),
        Type.Literal('connection-refused'),
        Type.Literal('connection-reset'),
        Type.Literal('tls-handshake'),
        Type.Literal('tls-certificate'),
      ]),
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
        Type.Literal('not-resolved'),
        Type.Literal('retry-after'),
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

/**
 * Parts of an attempt before the request left; `rttMs` of the outcome is request to answer and holds none of them.
 * Absent where nothing was looked up or set up for this attempt (UDP to a literal address, a connection kept open).
 */
export const Phases = Type.Object(
  {
    resolveMs: Type.Optional(DurationMs),
    connectMs: Type.Optional(DurationMs),
    tlsMs: Type.Optional(DurationMs),
  },
  { additionalProperties: false },
);
/** Static type of {@link Phases}. */
export type Phases = Static<typeof Phases>;

/** One SIP OPTIONS attempt (RFC 3261 §11), single-shot. */
export const SipOptionsMeasurement = Type.Object(
  {
    kind: Type.Literal('sip-options'),
    ...attempt,
    phases: Type.Optional(Phases),
    /** Striped pair: the two attempts of one PBX that share this number left within the same millisecond. */
    pair: Type.Optional(Counter),
  },
  { additionalProperties: false },
);
/** One ICMP echo attempt (RFC 792, RFC 4443 §4). Edges rate-limit echoes: never trusted alone. */
export const IcmpMeasurement = Type.Object(
  {
    kind: Type.Literal('icmp'),
    ...attempt,
    /** TTL or hop limit of the reply as it arrived; a change of it is a change of the way back. */
    hopLimit: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  },
  { additionalProperties: false },
);

/** The certificate that an edge showed over TLS; seen whether or not it was accepted. */
export const CertificateMeasurement = Type.Object(
  {
    kind: Type.Literal('certificate'),
    target: TargetName,
    observedAtMs: MonotonicMs,
    validUntilEpochMs: Type.Number({ minimum: -1e14, maximum: 1e14 }),
    isAccepted: Type.Boolean(),
    /** Code of the TLS library for what is wrong (`CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`, …). */
    fault: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);
/** Static type of {@link CertificateMeasurement}. */
export type CertificateMeasurement = Static<typeof CertificateMeasurement>;

/** One look-up of an edge that is configured by name (RFC 3263); each address found is a target of its own. */
export const ResolutionMeasurement = Type.Object(
  {
    kind: Type.Literal('resolution'),
    trunk: Identifier,
    edge: Identifier,
    observedAtMs: MonotonicMs,
    resolveMs: DurationMs,
    outcome: Type.Union([
      Type.Literal('resolved'),
      Type.Literal('not-found'),
      Type.Literal('timed-out'),
      Type.Literal('failed'),
    ]),
    addresses: Type.Integer({ minimum: 0, maximum: 64 }),
  },
  { additionalProperties: false },
);
/** Static type of {@link ResolutionMeasurement}. */
export type ResolutionMeasurement = Static<typeof ResolutionMeasurement>;

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
    /**
     * Why a live call failed before any reply beyond 100, where Asterisk says so: its timer B ran out, the transport
     * failed, or a 503. Feeds detection at once; says nothing of who made the status.
     */
    failure: Type.Optional(
      Type.Union([Type.Literal('timeout'), Type.Literal('transport'), Type.Literal('service-unavailable')]),
    ),
  },
  { additionalProperties: false },
);

/** Any measurement of wire version 1. */
export const Measurement = Type.Union([
  SipOptionsMeasurement,
  IcmpMeasurement,
  InviteMeasurement,
  CertificateMeasurement,
  ResolutionMeasurement,
  ...RtpMeasurement.anyOf,
  ...CallMeasurement.anyOf,
  ...HostMeasurement.anyOf,
]);
/** Static type of {@link SipOptionsMeasurement}. */
export type SipOptionsMeasurement = Static<typeof SipOptionsMeasurement>;
/** Static type of {@link IcmpMeasurement}. */
export type IcmpMeasurement = Static<typeof IcmpMeasurement>;
/** Static type of {@link InviteMeasurement}. */
export type InviteMeasurement = Static<typeof InviteMeasurement>;
/** Static type of {@link Measurement}. */
export type Measurement = Static<typeof Measurement>;

/** Offset of the host's clock from true time with the bound of its error, as the host's time daemon or kernel says. */
export const ClockReading = Type.Object(
  {
    offsetMs: Type.Number({ minimum: -1e12, maximum: 1e12 }),
    /** Largest error that the source allows for: root distance of chrony, `maxerror` of the kernel. */
    errorMs: Type.Number({ minimum: 0, maximum: 1e12 }),
    source: Type.Union([Type.Literal('chrony'), Type.Literal('kernel')]),
    isSynchronised: Type.Boolean(),
  },
  { additionalProperties: false },
);
/** Static type of {@link ClockReading}. */
export type ClockReading = Static<typeof ClockReading>;

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
    /** The host's clock against true time, where something on the host disciplines it; absent: unknown. */
    clock: Type.Optional(ClockReading),
  },
  { additionalProperties: false },
);
/** Static type of {@link InstrumentReading}. */
export type InstrumentReading = Static<typeof InstrumentReading>;
