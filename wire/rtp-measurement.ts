import Type, { type Static } from 'typebox';
import { Counter, DurationMs, Identifier, InstanceToken, MonotonicMs, TargetName } from './identifiers.ts';

const closed = { additionalProperties: false } as const;
const Milliseconds = Type.Number({ minimum: 0, maximum: 86_400_000 });
const Ratio = Type.Number({ minimum: 0, maximum: 1 });

/**
 * What one direction of an RTP stream met over an interval, packet by packet (not from RTCP). Counts are exact:
 * `lost = expected - distinct packets received`, never negative.
 */
export const StreamFigures = Type.Object(
  {
    expected: Counter,
    received: Counter,
    lost: Counter,
    duplicates: Counter,
    /** Packets that came after one with a higher extended sequence number (RFC 4737 §3, type-P-reordered). */
    reordered: Counter,
    /** Runs of consecutive losses by length, as `LOSS_RUN_BOUNDS` (loss-run-bounds.ts); one more entry than bounds. */
    lossRuns: Type.Array(Counter, { minItems: 8, maxItems: 8 }),
    /** Interarrival jitter (RFC 3550 §6.4.1, A.8): of a test call at its end, of the mesh the mean of it over the interval's packets. */
    jitterMs: Milliseconds,
    /** One-way delay above the least one of the interval (RFC 5481 §4.2 PDV); needs no common clock. */
    delayVariation: Type.Optional(
      Type.Object({ p50Ms: Milliseconds, p95Ms: Milliseconds, p99Ms: Milliseconds, maxMs: Milliseconds }, closed),
    ),
    /** RFC 3611 §4.7.2 with Gmin 16: densities as ratios, durations in milliseconds; absent without a loss. */
    burst: Type.Optional(
      Type.Object(
        {
          burstDensityRatio: Ratio,
          gapDensityRatio: Ratio,
          burstDurationMs: Milliseconds,
          gapDurationMs: Milliseconds,
        },
        closed,
      ),
    ),
    /** Least and median one-way delay between the two hosts' clocks, with the bound of both clocks' error. */
    oneWayDelay: Type.Optional(
      Type.Object(
        {
          minMs: Type.Number({ minimum: -1e12, maximum: 1e12 }),
          p50Ms: Type.Number({ minimum: -1e12, maximum: 1e12 }),
          errorMs: Type.Number({ minimum: 0, maximum: 1e12 }),
        },
        closed,
      ),
    ),
    /** How late the sender's packets left against their slots, 99th percentile: the instrument's own share of jitter. */
    pacingLateP99Ms: Type.Optional(Milliseconds),
  },
  closed,
);
/** Static type of {@link StreamFigures}. */
export type StreamFigures = Static<typeof StreamFigures>;

/**
 * One report of a mesh stream between two sites. `forward` is from this PBX to the peer (told by the reflector's counts),
 * `reverse` from the peer to this PBX (counted here). Sent by the sending side only.
 */
export const MeshMeasurement = Type.Object(
  {
    kind: Type.Literal('rtp-mesh'),
    target: TargetName,
    session: InstanceToken,
    direction: Type.Union([Type.Literal('forward'), Type.Literal('reverse')]),
    /** Per (session, direction), one up for each report. */
    sequence: Counter,
    startedAtMs: MonotonicMs,
    intervalMs: DurationMs,
    packetMs: Type.Integer({ minimum: 1, maximum: 1000 }),
    payloadBytes: Type.Integer({ minimum: 0, maximum: 2000 }),
    figures: StreamFigures,
    /**
     * Packets after the last that any reply told of, in the forward report only: not in its figures, but in those of the
     * next report that knows of them.
     */
    unresolved: Type.Optional(Counter),
    /** Round trips of the interval without the reflector's holding time; in the reverse report only. */
    rtt: Type.Optional(
      Type.Object({ n: Counter, p50Ms: Milliseconds, p95Ms: Milliseconds, p99Ms: Milliseconds }, closed),
    ),
  },
  closed,
);
/** Static type of {@link MeshMeasurement}. */
export type MeshMeasurement = Static<typeof MeshMeasurement>;

/** A mesh stream that is assigned and did not run. */
export const MeshIdleMeasurement = Type.Object(
  {
    kind: Type.Literal('rtp-mesh-idle'),
    target: TargetName,
    session: InstanceToken,
    observedAtMs: MonotonicMs,
    because: Type.Union([
      /** No reflector has ever answered in this session: unknown, not loss (wrong port, firewall, probe away). */
      Type.Literal('no-reflector'),
      /** It has answered before and is silent for an interval: nobody here can tell which way the packets were lost. */
      Type.Literal('reflector-silent'),
      Type.Literal('bandwidth-cap'),
      Type.Literal('live-calls'),
      Type.Literal('socket-error'),
      /** One of the two hosts dropped packets in front of its own socket: what is missing may not be the line's. */
      Type.Literal('own-drops'),
      /** This host sent too late after its slots for the figures to be those of the line. */
      Type.Literal('late-pacing'),
    ]),
  },
  closed,
);
/** Static type of {@link MeshIdleMeasurement}. */
export type MeshIdleMeasurement = Static<typeof MeshIdleMeasurement>;

/**
 * Media of a real call over one interval, from the RTCP that Asterisk sent (`received`: what it met itself) or was sent
 * (`sent`: what the provider says it met), by deltas of the cumulative counters.
 */
export const RtpCallMeasurement = Type.Object(
  {
    kind: Type.Literal('rtp-call'),
    trunk: Identifier,
    edge: Type.Optional(Identifier),
    class: Type.Optional(Identifier),
    /** Numbers the provider leg within this `instanceId`; no Call-ID. */
    leg: Counter,
    direction: Type.Union([Type.Literal('received'), Type.Literal('sent')]),
    observedAtMs: MonotonicMs,
    intervalMs: DurationMs,
    /** Packets that should have come in the interval, from the highest sequence number. */
    expected: Counter,
    /** Expected less received; below 0 where duplicates outweigh losses (RFC 3550 §6.4.1, cumulative is signed). */
    lost: Type.Integer({ minimum: -1e9, maximum: 1e9 }),
    jitterMs: Type.Optional(Milliseconds),
    rttMs: Type.Optional(Milliseconds),
    /** As Asterisk names it (`ulaw`, `alaw`, `g722`, `opus`); absent: unknown. */
    codec: Type.Optional(Type.String({ pattern: '^[a-z0-9.-]{1,32}$' })),
    clockRateHz: Type.Optional(Type.Integer({ minimum: 1, maximum: 192_000 })),
    /** The last of the leg: from its hang-up variables, or the tail after the last report. */
    isFinal: Type.Boolean(),
    source: Type.Union([Type.Literal('rtcp'), Type.Literal('hangup')]),
    /** Asterisk's own score, 0 to 100; shown as "Asterisk says", never used. */
    asteriskMes: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
    /** The peer's highest sequence number stands still while we send: it receives nothing, so all is lost. */
    isSilentReceiver: Type.Optional(Type.Boolean()),
  },
  closed,
);
/** Static type of {@link RtpCallMeasurement}. */
export type RtpCallMeasurement = Static<typeof RtpCallMeasurement>;

/** A call whose media gave no figures, and why: no data is no evidence (safety rule 2). */
export const RtpCallBlindMeasurement = Type.Object(
  {
    kind: Type.Literal('rtp-call-blind'),
    trunk: Identifier,
    edge: Type.Optional(Identifier),
    leg: Counter,
    observedAtMs: MonotonicMs,
    because: Type.Union([Type.Literal('direct-media'), Type.Literal('no-rtcp'), Type.Literal('too-short')]),
  },
  closed,
);
/** Static type of {@link RtpCallBlindMeasurement}. */
export type RtpCallBlindMeasurement = Static<typeof RtpCallBlindMeasurement>;

/** One scheduled test call of the probe itself. Every one that was begun is reported, with how it ended. */
export const TestCallMeasurement = Type.Object(
  {
    kind: Type.Literal('test-call'),
    target: TargetName,
    trunk: Identifier,
    edge: Identifier,
    startedAtMs: MonotonicMs,
    outcome: Type.Union([
      Type.Literal('answered'),
      Type.Literal('rejected'),
      Type.Literal('timed-out'),
      Type.Literal('transport-failed'),
      /** Not placed: the budget of money or calls is used up, or the probe's own file names no number. */
      Type.Literal('over-budget'),
      /** Ended after a restart of the probe from its journal of open calls; nothing was measured. */
      Type.Literal('recovered'),
    ]),
    statusCode: Type.Optional(Type.Integer({ minimum: 100, maximum: 699 })),
    /** INVITE to the first of 180, 183 or the final answer. */
    pddMs: Type.Optional(DurationMs),
    /** INVITE to its 200. */
    answerMs: Type.Optional(DurationMs),
    /** From answer to end; 0 without an answer. */
    talkMs: DurationMs,
    endedBy: Type.Union([
      Type.Literal('bye'),
      Type.Literal('remote-bye'),
      Type.Literal('cancel'),
      Type.Literal('final-status'),
      Type.Literal('gave-up'),
    ]),
    /** What the number does with media, by the probe's own file. */
    far: Type.Union([Type.Literal('echo'), Type.Literal('tone'), Type.Literal('none')]),
    codec: Type.Optional(Type.String({ pattern: '^[a-z0-9.-]{1,32}$' })),
    packetMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    /** Stream that came back: of an echo both directions together (`round-trip`), of a tone the provider's alone. */
    received: Type.Optional(StreamFigures),
    receivedCovers: Type.Optional(Type.Union([Type.Literal('round-trip'), Type.Literal('reverse')])),
    /** What the far end's RTCP says of our stream, where it sends any. */
    forward: Type.Optional(
      Type.Object(
        {
          expected: Counter,
          lost: Type.Integer({ minimum: -1e9, maximum: 1e9 }),
          jitterMs: Type.Optional(Milliseconds),
        },
        closed,
      ),
    ),
    rttMs: Type.Optional(Milliseconds),
    /** Why an answered call has no media: what its answer says of them cannot be met by G.711 over RTP. */
    mediaFault: Type.Optional(
      Type.Union([
        Type.Literal('unreadable'),
        Type.Literal('no-audio'),
        Type.Literal('rejected'),
        Type.Literal('no-literal-address'),
        Type.Literal('unknown-protocol'),
        Type.Literal('no-common-codec'),
      ]),
    ),
    /** Copies of INVITEs and of the last BYE beyond the first of each: an answer was lost, or late. */
    inviteCopies: Type.Optional(Counter),
    byeCopies: Type.Optional(Counter),
    /** Held against the budget, micro-units of the probe's configured currency (safety rule 6). */
    costMicros: Type.Optional(Counter),
  },
  closed,
);
/** Static type of {@link TestCallMeasurement}. */
export type TestCallMeasurement = Static<typeof TestCallMeasurement>;

/** Any measurement of media. */
export const RtpMeasurement = Type.Union([
  MeshMeasurement,
  MeshIdleMeasurement,
  RtpCallMeasurement,
  RtpCallBlindMeasurement,
  TestCallMeasurement,
]);
/** Static type of {@link RtpMeasurement}. */
export type RtpMeasurement = Static<typeof RtpMeasurement>;
