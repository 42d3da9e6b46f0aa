import Type, { type Static } from 'typebox';
import { Counter, EpochMs, Identifier, InstanceToken, MonotonicMs, ShortText, TargetName } from './identifiers.ts';
import { InstrumentReading, Measurement } from './measurement.ts';
import { ClassResult, PlanReadBack } from './plan.ts';

/** What a target is: a trunk's edge at a provider, or a peer PBX. */
export const TargetDescription = Type.Union([
  Type.Object(
    { target: TargetName, kind: Type.Literal('trunk'), trunk: Identifier, edge: Identifier },
    { additionalProperties: false },
  ),
  Type.Object({ target: TargetName, kind: Type.Literal('peer'), peer: Identifier }, { additionalProperties: false }),
]);
/** Static type of {@link TargetDescription}. */
export type TargetDescription = Static<typeof TargetDescription>;

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
    /** Absent while AstDB could not be read (Asterisk away): unknown, not empty. */
    plan: Type.Optional(PlanReadBack),
    asteriskVersion: Type.Optional(ShortText),
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
  Type.Object({ kind: Type.Literal('asterisk-lost'), reason: ShortText }, { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Literal('route-drift'),
      class: Identifier,
      expected: Type.String({ maxLength: 1000 }),
      found: Type.String({ maxLength: 1000 }),
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

/** Any frame from probe to hub, wire version 1. */
export const ProbeFrame = Type.Union([HelloFrame, BatchFrame, EventFrame, PlanResultFrame, ReadBackFrame]);
/** Static type of {@link ProbeFrame}. */
export type ProbeFrame = Static<typeof ProbeFrame>;
