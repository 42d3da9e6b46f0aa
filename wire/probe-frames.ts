import Type, { type Static } from 'typebox';
import {
  Counter,
  DurationMs,
  EpochMs,
  Identifier,
  InstanceToken,
  MonotonicMs,
  ShortText,
  TargetName,
} from './identifiers.ts';
import { InstrumentReading, Measurement } from './measurement.ts';
import { ClassResult, DriftPolicy, PlanReadBack } from './plan.ts';

/**
 * What a target is: a trunk's edge at a provider, or a peer PBX. `host` names one address of an edge that is configured by
 * name; `source` a source address besides the one that calls use, whose state bears on verdicts and never on a route.
 */
export const TargetDescription = Type.Union([
  Type.Object(
    {
      target: TargetName,
      kind: Type.Literal('trunk'),
      trunk: Identifier,
      edge: Identifier,
      host: Type.Optional(Identifier),
      source: Type.Optional(Identifier),
    },
    { additionalProperties: false },
  ),
  Type.Object({ target: TargetName, kind: Type.Literal('peer'), peer: Identifier }, { additionalProperties: false }),
]);
/** Static type of {@link TargetDescription}. */
export type TargetDescription = Static<typeof TargetDescription>;

/** What a probe's own file and host allow it to be assigned. */
export const Abilities = Type.Object(
  {
    /** It has a mesh port, and reaches these peers on theirs. */
    meshPeers: Type.Array(Identifier, { maxItems: 64 }),
    /** Targets that its file names a test number for. */
    testCallTargets: Type.Array(TargetName, { maxItems: 256 }),
    canTrace: Type.Boolean(),
    /** Its file allows transfers over the line, with these peers; absent: none. */
    linePeers: Type.Optional(Type.Array(Identifier, { maxItems: 64 })),
    /** It goes by the drift policy of a plan. */
    keepsDriftPolicy: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
/** Static type of {@link Abilities}. */
export type Abilities = Static<typeof Abilities>;

/**
 * Why a probe has no Asterisk: it is still `connecting`; nothing takes connections; what answers is no manager; user or secret
 * are refused; the login got no answer; Asterisk ended the connection; it fell silent; or it is there, but has not told its version.
 */
export const AsteriskAway = Type.Union([
  Type.Literal('connecting'),
  Type.Literal('connect-failed'),
  Type.Literal('no-manager'),
  Type.Literal('login-refused'),
  Type.Literal('login-timed-out'),
  Type.Literal('disconnected'),
  Type.Literal('unresponsive'),
  Type.Literal('unnamed'),
]);
/** Static type of {@link AsteriskAway}. */
export type AsteriskAway = Static<typeof AsteriskAway>;

/** First frame of a connection: who speaks, what it watches, and the plan that Asterisk follows now (safety rule 9). */
export const HelloFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('hello'),
    probe: Identifier,
    pbx: Identifier,
    /** Of the host's kernel; a change voids leases. */
    bootId: InstanceToken,
    machineId: InstanceToken,
    /** Of this run of the probe. A newer connection of the same instance replaces the older; another is refused. */
    instanceId: InstanceToken,
    softwareVersion: ShortText,
    configHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    sentAtMs: MonotonicMs,
    sentAtEpochMs: EpochMs,
    targets: Type.Array(TargetDescription, { maxItems: 256 }),
    /** Trunks and classes that the probe's own file lets the hub touch (safety rule 10). */
    trunks: Type.Array(Identifier, { maxItems: 64 }),
    classes: Type.Array(Identifier, { maxItems: 64 }),
    /** What this probe can be assigned besides OPTIONS and ICMP; absent: nothing. */
    abilities: Type.Optional(Abilities),
    /** Absent while AstDB could not be read (Asterisk away): unknown, not empty. */
    plan: Type.Optional(PlanReadBack),
    asteriskVersion: Type.Optional(ShortText),
    /** Where there is no version: why. */
    asteriskAway: Type.Optional(AsteriskAway),
    /** Highest fence the probe has seen, in a welcome, a plan or AstDB: a hub with a lower one must rise above it. */
    heldFence: Counter,
    /** Durable events not yet acknowledged. */
    outboxPending: Counter,
  },
  { additionalProperties: false },
);
/** Static type of {@link HelloFrame}. */
export type HelloFrame = Static<typeof HelloFrame>;

/** Measurements of the last 100 ms or less. Not durable: dropped oldest first when the uplink is away. */
export const BatchFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('batch'),
    sequence: Counter,
    sentAtMs: MonotonicMs,
    sentAtEpochMs: EpochMs,
    measurements: Type.Array(Measurement, { maxItems: 500 }),
    instrument: Type.Optional(InstrumentReading),
  },
  { additionalProperties: false },
);
/** Static type of {@link BatchFrame}. */
export type BatchFrame = Static<typeof BatchFrame>;

/** What a durable event says. Open to later kinds; each body is closed. */
export const EventBody = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('down-marked'),
      trunk: Identifier,
      misses: Counter,
      untilEpochMs: EpochMs,
      /** False in observe mode: said, not written. */
      written: Type.Boolean(),
      reason: ShortText,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('down-cleared'), trunk: Identifier, reason: ShortText },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('asterisk-connected'), version: ShortText, fullyBooted: Type.Boolean() },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('asterisk-lost'),
      reason: ShortText,
      away: Type.Optional(AsteriskAway),
      /** False: an attempt to reach it failed; absent: a connection ended. */
      wasReached: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('route-drift'),
      class: Identifier,
      expected: Type.String({ maxLength: 1000 }),
      found: Type.String({ maxLength: 1000 }),
      /** What the probe does about it; absent where the hub never said. */
      policy: Type.Optional(DriftPolicy),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('call-ended'),
      /** Asterisk's Linkedid and the provider channel's Uniqueid. */
      linkedId: Type.String({ maxLength: 150 }),
      uniqueId: Type.String({ maxLength: 150 }),
      trunk: Identifier,
      startedAtEpochMs: EpochMs,
      answeredAtEpochMs: Type.Optional(EpochMs),
      endedAtEpochMs: EpochMs,
      causeCode: Type.Optional(Type.Integer({ minimum: 0, maximum: 127 })),
      statusCode: Type.Optional(Type.Integer({ minimum: 100, maximum: 699 })),
      /** The probe did not see the whole call: an absent `answeredAtEpochMs` is then unknown, not "never answered". */
      missedEvents: Type.Optional(Type.Boolean()),
      edge: Type.Optional(Identifier),
      class: Type.Optional(Identifier),
      /** Post-dial delay: from the provider channel's beginning to its first ringing, progress or answer. */
      pddMs: Type.Optional(DurationMs),
      /** Who ended it first, where it shows: the provider, or this side (caller, limit, Asterisk). */
      endedBy: Type.Optional(Type.Union([Type.Literal('provider'), Type.Literal('this-side')])),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('trace'),
      target: TargetName,
      /** The command that asked for it. */
      commandId: Type.Optional(InstanceToken),
      /** Why there are no hops: the program is missing, or failed. */
      fault: Type.Optional(ShortText),
      /** The target itself answered; where it did not, nothing says that a loss lasts to the end. */
      isReached: Type.Optional(Type.Boolean()),
      hops: Type.Array(
        Type.Object(
          {
            hop: Type.Integer({ minimum: 1, maximum: 255 }),
            /** Absent for a hop that stayed silent. */
            address: Type.Optional(Type.String({ maxLength: 45 })),
            sent: Counter,
            lost: Counter,
            bestMs: Type.Optional(DurationMs),
            averageMs: Type.Optional(DurationMs),
            worstMs: Type.Optional(DurationMs),
          },
          { additionalProperties: false },
        ),
        { maxItems: 64 },
      ),
    },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('probe-note'), code: Identifier, text: ShortText }, { additionalProperties: false }),
]);
/** Static type of {@link EventBody}. */
export type EventBody = Static<typeof EventBody>;

/** One durable event, on the probe's disk before it is sent and on the hub's before it is acknowledged (safety rule 8). */
export const EventFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('event'),
    /** Outbox position: one up for each event of this outbox, never reused. */
    sequence: Counter,
    /** Of the outbox file: (outboxId, sequence) names an event for ever, so a repeat is recognised. */
    outboxId: InstanceToken,
    occurredAtMs: MonotonicMs,
    occurredAtEpochMs: EpochMs,
    body: EventBody,
  },
  { additionalProperties: false },
);
/** Static type of {@link EventFrame}. */
export type EventFrame = Static<typeof EventFrame>;

/** What became of a plan, with what AstDB holds now. */
export const PlanResultFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('plan-result'),
    fence: Counter,
    version: Counter,
    results: Type.Array(ClassResult, { maxItems: 64 }),
    finishedAtMs: MonotonicMs,
    finishedAtEpochMs: EpochMs,
  },
  { additionalProperties: false },
);
/** Static type of {@link PlanResultFrame}. */
export type PlanResultFrame = Static<typeof PlanResultFrame>;

/** AstDB as it stands, sent after Asterisk has (re)booted, after a drift and on command. */
export const ReadBackFrame = Type.Object(
  { v: Type.Literal(1), type: Type.Literal('read-back'), plan: PlanReadBack },
  { additionalProperties: false },
);
/** Static type of {@link ReadBackFrame}. */
export type ReadBackFrame = Static<typeof ReadBackFrame>;

/** The targets as they are now, whole: a name has come to stand for other addresses. */
export const TargetsFrame = Type.Object(
  { v: Type.Literal(1), type: Type.Literal('targets'), targets: Type.Array(TargetDescription, { maxItems: 256 }) },
  { additionalProperties: false },
);
/** Static type of {@link TargetsFrame}. */
export type TargetsFrame = Static<typeof TargetsFrame>;

/** Any frame from probe to hub, wire version 1. */
export const ProbeFrame = Type.Union([
  HelloFrame,
  BatchFrame,
  EventFrame,
  PlanResultFrame,
  ReadBackFrame,
  TargetsFrame,
]);
/** Static type of {@link ProbeFrame}. */
export type ProbeFrame = Static<typeof ProbeFrame>;
