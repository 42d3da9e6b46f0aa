import Type, { type Static } from 'typebox';
import { AssignmentFrame } from './assignment.ts';
import { Counter, EpochMs, Identifier, InstanceToken, ShortText, TargetName } from './identifiers.ts';
import { DriftPolicy, Mode, PbxModes, WeightedTrunk } from './plan.ts';

/** Answer to an accepted hello. */
export const WelcomeFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('welcome'),
    hubInstanceId: InstanceToken,
    /** Fencing token of the leading hub: a probe keeps the highest it has seen and refuses plans below it. */
    fence: Counter,
    sentAtEpochMs: EpochMs,
    modes: PbxModes,
    /** Highest acknowledged sequence of the outbox that the hub knows under this probe, if any. */
    acknowledgedSequence: Type.Optional(Counter),
  },
  { additionalProperties: false },
);
/** Static type of {@link WelcomeFrame}. */
export type WelcomeFrame = Static<typeof WelcomeFrame>;

/** Why a connection or frame was refused; the hub closes the connection after it where `fatal`. */
export const RefuseFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('refuse'),
    code: Type.Union([
      Type.Literal('another-instance'),
      Type.Literal('unknown-pbx'),
      Type.Literal('bad-frame'),
      Type.Literal('unknown-version'),
      Type.Literal('too-large'),
      Type.Literal('hello-expected'),
    ]),
    reason: ShortText,
    fatal: Type.Boolean(),
  },
  { additionalProperties: false },
);
/** Static type of {@link RefuseFrame}. */
export type RefuseFrame = Static<typeof RefuseFrame>;

/** Durable events up to and including this sequence of that outbox are on the hub's disk. */
export const AckFrame = Type.Object(
  { v: Type.Literal(1), type: Type.Literal('ack'), outboxId: InstanceToken, sequence: Counter },
  { additionalProperties: false },
);
/** Static type of {@link AckFrame}. */
export type AckFrame = Static<typeof AckFrame>;

/** The routes that a PBX should follow. (fence, version) orders plans; an older pair than the one held is refused. */
export const PlanFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('plan'),
    fence: Counter,
    version: Counter,
    issuedAtEpochMs: EpochMs,
    /** Past this a plan is kept and reported as old; it is never thrown away. */
    validUntilEpochMs: EpochMs,
    /** For as long as the plan is held, the hub away or not. Only to a probe whose hello says that it knows it. */
    drift: Type.Optional(DriftPolicy),
    routes: Type.Array(
      Type.Object(
        {
          class: Identifier,
          trunks: Type.Array(WeightedTrunk, { minItems: 1, maxItems: 50 }),
          mode: Mode,
          reason: ShortText,
        },
        { additionalProperties: false },
      ),
      { maxItems: 64 },
    ),
  },
  { additionalProperties: false },
);
/** Static type of {@link PlanFrame}. */
export type PlanFrame = Static<typeof PlanFrame>;

/** Modes changed; binds the probe's own demotion too. Of a fence below the highest seen it is refused, like a plan. */
export const ModesFrame = Type.Object(
  { v: Type.Literal(1), type: Type.Literal('modes'), fence: Counter, modes: PbxModes },
  { additionalProperties: false },
);
/** Static type of {@link ModesFrame}. */
export type ModesFrame = Static<typeof ModesFrame>;

/** Budget lent to a PBX, per limit; money in micro-units of `currency` (safety rule 6). */
export const LeasesFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('leases'),
    fence: Counter,
    leases: Type.Array(
      Type.Object(
        {
          lease: InstanceToken,
          limit: Type.String({ maxLength: 100 }),
          currency: Type.String({ pattern: '^[A-Z]{3}$' }),
          amountMicros: Counter,
          validForMs: Counter,
          issuedAtEpochMs: EpochMs,
        },
        { additionalProperties: false },
      ),
      { maxItems: 500 },
    ),
  },
  { additionalProperties: false },
);
/** Static type of {@link LeasesFrame}. */
export type LeasesFrame = Static<typeof LeasesFrame>;

/** Source addresses to be refused on the PBX. */
export const BansFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('bans'),
    fence: Counter,
    bans: Type.Array(
      Type.Object(
        { address: Type.String({ maxLength: 45 }), untilEpochMs: EpochMs, reason: ShortText },
        { additionalProperties: false },
      ),
      { maxItems: 1000 },
    ),
  },
  { additionalProperties: false },
);
/** Static type of {@link BansFrame}. */
export type BansFrame = Static<typeof BansFrame>;

/** The closed list of commands (safety rule 10): none carries a shell command, a dial string or a path. */
export const CommandFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('command'),
    commandId: InstanceToken,
    fence: Counter,
    command: Type.Union([
      Type.Object({ kind: Type.Literal('read-back') }, { additionalProperties: false }),
      Type.Object({ kind: Type.Literal('clear-down'), trunk: Identifier }, { additionalProperties: false }),
      /** Trace the way to a target of the probe's own file; answered by a `trace` event that names the command. */
      Type.Object({ kind: Type.Literal('trace'), target: TargetName }, { additionalProperties: false }),
      /** A bounded transfer with a peer of the probe's own file, both directions one after the other. */
      Type.Object(
        {
          kind: Type.Literal('line-test'),
          peer: Identifier,
          role: Type.Union([Type.Literal('sender'), Type.Literal('receiver')]),
          session: InstanceToken,
          key: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
          maxBytes: Type.Integer({ minimum: 1000, maximum: 1_000_000_000 }),
          maxMs: Type.Integer({ minimum: 100, maximum: 60_000 }),
        },
        { additionalProperties: false },
      ),
    ]),
  },
  { additionalProperties: false },
);
/** Static type of {@link CommandFrame}. */
export type CommandFrame = Static<typeof CommandFrame>;

/** Any frame from hub to probe, wire version 1. */
export const HubFrame = Type.Union([
  WelcomeFrame,
  RefuseFrame,
  AckFrame,
  PlanFrame,
  ModesFrame,
  LeasesFrame,
  BansFrame,
  CommandFrame,
  AssignmentFrame,
]);
/** Static type of {@link HubFrame}. */
export type HubFrame = Static<typeof HubFrame>;
