import Type, { type Static } from 'typebox';
import { Counter, DurationMs, EpochMs, Identifier, InstanceToken, TargetName } from './identifiers.ts';

const closed = { additionalProperties: false } as const;
const IntervalMs = Type.Integer({ minimum: 100, maximum: 86_400_000 });
const Key = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });

/**
 * How one target is asked by OPTIONS. A `witness` asks at its interval; one that inherits asks nothing while the hub is
 * there, and its figures are those of the witnesses named, which is said wherever they show.
 */
export const OptionsDuty = Type.Object(
  {
    target: TargetName,
    role: Type.Union([Type.Literal('witness'), Type.Literal('inherit')]),
    intervalMs: IntervalMs,
    /** Where in the interval, on the hub's wall clock: attempts at `epoch mod intervalMs = phaseMs`. */
    phaseMs: DurationMs,
    /** Mean of the Poisson loss schedule; 0: the budget leaves none, and loss comes from ICMP, calls and test calls. */
    lossMeanMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
    /** All attempts to this target in any minute, confirmations included. */
    perMinute: Type.Integer({ minimum: 1, maximum: 6000 }),
    /** How many of them may be confirmations and controls; absent: all that are left. */
    confirmPerMinute: Type.Optional(Type.Integer({ minimum: 0, maximum: 6000 })),
    /** Interval while no hub can be heard: what is left if every PBX of the fleet does the same. */
    aloneIntervalMs: IntervalMs,
    /** Where in that interval, on the hub's wall clock as last heard; absent: anywhere. */
    alonePhaseMs: Type.Optional(DurationMs),
    /** PBXs of the same site whose figures stand for this one; empty for a witness. */
    from: Type.Array(Identifier, { maxItems: 3 }),
    /** The other target of a striped pair: both are asked within the same millisecond. */
    pairedWith: Type.Optional(TargetName),
  },
  closed,
);
/** Static type of {@link OptionsDuty}. */
export type OptionsDuty = Static<typeof OptionsDuty>;

/** One stream of the RTP mesh. The peer's address stands in the probe's own file; the key is this session's alone. */
export const MeshDuty = Type.Object(
  {
    session: InstanceToken,
    peer: Identifier,
    role: Type.Union([Type.Literal('sender'), Type.Literal('reflector')]),
    /** 32 random bytes, base64url: packets that are not signed with it get nothing back. */
    key: Key,
    packetMs: Type.Integer({ minimum: 5, maximum: 1000 }),
    payloadBytes: Type.Integer({ minimum: 96, maximum: 1400 }),
    /** Duty cycle: so long sending, so long silent. */
    onMs: Type.Integer({ minimum: 1000, maximum: 86_400_000 }),
    offMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
  },
  closed,
);
/** Static type of {@link MeshDuty}. */
export type MeshDuty = Static<typeof MeshDuty>;

/** Scheduled test calls over one edge. The number, its price and the bounds stand in the probe's own file (safety rule 10). */
export const TestCallDuty = Type.Object(
  { target: TargetName, everyMs: Type.Integer({ minimum: 60_000, maximum: 604_800_000 }), phaseMs: DurationMs },
  closed,
);
/** Static type of {@link TestCallDuty}. */
export type TestCallDuty = Static<typeof TestCallDuty>;

/**
 * What a probe has to measure, whole each time: it replaces the one before. Of a fence below the highest seen it is refused.
 * Targets not named keep the pace of the probe's own file.
 */
export const AssignmentFrame = Type.Object(
  {
    v: Type.Literal(1),
    type: Type.Literal('assignment'),
    fence: Counter,
    version: Counter,
    issuedAtEpochMs: EpochMs,
    options: Type.Array(OptionsDuty, { maxItems: 256 }),
    mesh: Type.Array(MeshDuty, { maxItems: 256 }),
    testCalls: Type.Array(TestCallDuty, { maxItems: 256 }),
  },
  closed,
);
/** Static type of {@link AssignmentFrame}. */
export type AssignmentFrame = Static<typeof AssignmentFrame>;
