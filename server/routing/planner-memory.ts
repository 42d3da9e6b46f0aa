import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Counter, EpochMs, Identifier } from '../../wire/identifiers.ts';
import { Mode, WeightedTrunk } from '../../wire/plan.ts';
import type { RoutePolicy } from './route-policy.ts';
import type { TrunkHold } from './trunk-hold.ts';

const closed = { additionalProperties: false } as const;

/** Read-only through and through. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

const Trunks = Type.Readonly(Type.Array(WeightedTrunk, { minItems: 1, maxItems: 50 }));

const HoldMemory = Type.Object(
  {
    phase: Type.Union([Type.Literal('free'), Type.Literal('bad'), Type.Literal('recovering')]),
    strikes: Counter,
    lastBadAtMs: EpochMs,
    holdUntilMs: EpochMs,
  },
  closed,
);

const TroubleMemory = Type.Object({ hold: HoldMemory, isPoor: Type.Boolean() }, closed);

const RampMemory = Type.Object(
  { trunk: Identifier, step: Type.Integer({ minimum: 0, maximum: 100 }), sinceMs: EpochMs },
  closed,
);

const RouteMemorySchema = Type.Object(
  {
    /** What Asterisk has, or in enforce mode is being given. */
    current: Trunks,
    /** What was last planned: equal to `current` in enforce mode, a proposal in observe mode. */
    planned: Trunks,
    mode: Mode,
    /** The order is the planner's own, no longer one that it found. */
    isOwn: Type.Boolean(),
    /** When the planner last changed the first trunk. */
    flippedAtMs: Type.Optional(EpochMs),
    /** A trunk that comes back to the lead by growing shares. */
    ramp: Type.Optional(Type.Readonly(RampMemory)),
    /** The pinned trunk, while the pin gives way because it was hard-down. */
    pinAside: Type.Optional(Identifier),
    /** What calls of the class said against trunks. */
    troubles: Type.Optional(Type.Record(Identifier, Type.Readonly(TroubleMemory))),
    /** Trunks that were full and do not have room again. */
    full: Type.Optional(Type.Array(Identifier, { maxItems: 50 })),
  },
  closed,
);
/** Memory of one route. */
export type RouteMemory = Frozen<Static<typeof RouteMemorySchema>>;

/** What a planning decides of it by itself: all but what calls and loads said. */
export type DecidedMemory = Pick<RouteMemory, 'current' | 'planned' | 'mode' | 'isOwn'> & {
  readonly [Key in 'flippedAtMs' | 'ramp' | 'pinAside']: RouteMemory[Key] | undefined;
};

const PbxMemorySchema = Type.Object(
  {
    /** Version of the PBX's plan; up by one with each plan in which a route changed. */
    version: Counter,
    holds: Type.Record(Identifier, HoldMemory),
    routes: Type.Record(Identifier, RouteMemorySchema),
    /** Trouble on this PBX's own side, for which its calls accuse no trunk: whether it goes on, and when it was last seen. */
    ownSide: Type.Optional(Type.Readonly(Type.Object({ isTroubled: Type.Boolean(), lastAtMs: EpochMs }, closed))),
  },
  closed,
);
/** Memory of one PBX: its plan's version, holds by trunk, routes by class. */
export type PbxMemory = Frozen<Static<typeof PbxMemorySchema>>;

const PlannerMemorySchema = Type.Object(
  {
    format: Type.Literal('trunkward-planner-1'),
    pbxes: Type.Record(Identifier, PbxMemorySchema),
    /** First-trunk changes within the blast window, for its bound. */
    recentFlips: Type.Array(Type.Object({ pbx: Identifier, atMs: EpochMs }, closed), { maxItems: 1_000_000 }),
  },
  closed,
);
/**
 * Everything that planning remembers; plain JSON, to be kept over a restart (safety rule 9). Never changed in place, so what did not
 * change is the very same object as before.
 */
export type PlannerMemory = Frozen<Static<typeof PlannerMemorySchema>>;

/** Memory of a planner that has planned nothing: it adopts what it finds. */
export const EMPTY_PLANNER: PlannerMemory = { format: 'trunkward-planner-1', pbxes: {}, recentFlips: [] };

/** Memory of a PBX never planned for. */
export const EMPTY_PBX: PbxMemory = { version: 0, holds: {}, routes: {} };

/** Looks a name up in a record of memory. Names come from configuration, and `constructor` is a valid one. */
export function entryOf<Entry>(record: Readonly<Record<string, Entry>>, name: string): Entry | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Planner memory, or the first thing wrong with it. */
export type PlannerMemoryResult =
  | { readonly ok: true; readonly memory: PlannerMemory }
  | { readonly ok: false; readonly fault: 'bad-memory'; readonly place: string };

const validator = Compile(PlannerMemorySchema);

/** Reads memory that was parsed from JSON; never throws. A hub that finds it bad adopts what Asterisk has. */
export function readPlannerMemory(value: unknown): PlannerMemoryResult {
  if (validator.Check(value)) return { ok: true, memory: value };
  const [first] = validator.Errors(value);
  return { ok: false, fault: 'bad-memory', place: first?.instancePath ?? '' };
}

/**
 * Takes times that lie ahead of the clock out of a memory: a hub whose clock ran ahead saved them, and until they came they
 * would hold every trunk, route and budget back. What is past becomes at most now; a hold lasts at most its longest from now.
 *
 * @param nowMs - hub time at which the memory is taken over.
 */
export function notAhead(memory: PlannerMemory, policy: RoutePolicy, nowMs: number): PlannerMemory {
  const past = (hold: TrunkHold): TrunkHold => ({
    ...hold,
    lastBadAtMs: Math.min(hold.lastBadAtMs, nowMs),
    holdUntilMs: Math.min(hold.holdUntilMs, nowMs + policy.maxHoldDownMs),
  });
  const pbxes = mapped(memory.pbxes, (pbx) => ({
    ...pbx,
    holds: mapped(pbx.holds, past),
    routes: mapped(pbx.routes, (route) => ({
      ...route,
      ...(route.flippedAtMs !== undefined && { flippedAtMs: Math.min(route.flippedAtMs, nowMs) }),
      ...(route.ramp && { ramp: { ...route.ramp, sinceMs: Math.min(route.ramp.sinceMs, nowMs) } }),
      ...(route.troubles && { troubles: mapped(route.troubles, (each) => ({ ...each, hold: past(each.hold) })) }),
    })),
    ...(pbx.ownSide && { ownSide: { ...pbx.ownSide, lastAtMs: Math.min(pbx.ownSide.lastAtMs, nowMs) } }),
  }));
  const recentFlips = memory.recentFlips.map(({ pbx, atMs }) => ({ pbx, atMs: Math.min(atMs, nowMs) }));
  return { format: memory.format, pbxes, recentFlips };
}

function mapped<Entry>(
  record: Readonly<Record<string, Entry>>,
  change: (entry: Entry) => Entry,
): Record<string, Entry> {
  return Object.fromEntries(Object.entries(record).map(([name, entry]) => [name, change(entry)]));
}
