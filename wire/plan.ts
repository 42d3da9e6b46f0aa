import Type, { type Static } from 'typebox';
import { Counter, EpochMs, Identifier, ShortText } from './identifiers.ts';

/** Per function and scope: `observe` proposes only, `enforce` acts (safety rule 7). */
export const Mode = Type.Union([Type.Literal('observe'), Type.Literal('enforce')]);
/** Static type of {@link Mode}. */
export type Mode = Static<typeof Mode>;

/** What is done about a route that somebody changed behind the hub: written back, or told and left as it is. */
export const DriftPolicy = Type.Union([Type.Literal('repair'), Type.Literal('report')]);
/** Static type of {@link DriftPolicy}. */
export type DriftPolicy = Static<typeof DriftPolicy>;

/** One trunk of a route. Weight 0 is standby, reached only by failover; the others share new calls in proportion. */
export const WeightedTrunk = Type.Object(
  { trunk: Identifier, weight: Type.Integer({ minimum: 0, maximum: 1000 }) },
  { additionalProperties: false },
);
/** Static type of {@link WeightedTrunk}. */
export type WeightedTrunk = Static<typeof WeightedTrunk>;

/** Route of one class on one PBX, in the order in which trunks are tried; never empty (safety rule 4). */
export const ClassRoute = Type.Object(
  { class: Identifier, trunks: Type.Array(WeightedTrunk, { minItems: 1, maxItems: 50 }) },
  { additionalProperties: false },
);
/** Static type of {@link ClassRoute}. */
export type ClassRoute = Static<typeof ClassRoute>;

/**
 * A plan as read back from AstDB: what Asterisk routes by, whoever wrote it. `raw` is the stored text; `route` is absent
 * where the text could not be understood.
 */
export const ReadBackRoute = Type.Object(
  {
    class: Identifier,
    raw: Type.String({ maxLength: 1000 }),
    fence: Type.Optional(Counter),
    version: Type.Optional(Counter),
    trunks: Type.Optional(Type.Array(WeightedTrunk, { minItems: 1, maxItems: 50 })),
  },
  { additionalProperties: false },
);
/** Static type of {@link ReadBackRoute}. */
export type ReadBackRoute = Static<typeof ReadBackRoute>;

/** A trunk that the probe itself has marked hard-down in AstDB (safety rule 5). */
export const DownMark = Type.Object({ trunk: Identifier, untilEpochMs: EpochMs }, { additionalProperties: false });
/** Static type of {@link DownMark}. */
export type DownMark = Static<typeof DownMark>;

/** Everything of ours that the probe found in AstDB, with the time of the reading. */
export const PlanReadBack = Type.Object(
  {
    readAtEpochMs: EpochMs,
    routes: Type.Array(ReadBackRoute, { maxItems: 64 }),
    down: Type.Array(DownMark, { maxItems: 64 }),
    /** Classes that held the probe's plan once and hold something else now; absent: the hub never said what is to be done about it. */
    drifted: Type.Optional(Type.Array(Identifier, { maxItems: 64 })),
  },
  { additionalProperties: false },
);
/** Static type of {@link PlanReadBack}. */
export type PlanReadBack = Static<typeof PlanReadBack>;

/** What became of one class of a plan on the PBX. */
export const ClassResult = Type.Object(
  {
    class: Identifier,
    outcome: Type.Union([
      Type.Literal('applied'),
      Type.Literal('unchanged'),
      Type.Literal('observed'),
      Type.Literal('refused'),
      Type.Literal('failed'),
    ]),
    /** AstDB text read back after the put. */
    readBack: Type.Optional(Type.String({ maxLength: 1000 })),
    reason: Type.Optional(ShortText),
  },
  { additionalProperties: false },
);
/** Static type of {@link ClassResult}. */
export type ClassResult = Static<typeof ClassResult>;

/** Functions that have a mode of their own. */
export const ModeFunction = Type.Union([
  Type.Literal('routing'),
  Type.Literal('spend'),
  Type.Literal('security'),
  Type.Literal('survival'),
]);
/** Static type of {@link ModeFunction}. */
export type ModeFunction = Static<typeof ModeFunction>;

/** Modes as they apply to one PBX after scopes are resolved; `stopped` is the global stop switch. */
export const PbxModes = Type.Object(
  {
    stopped: Type.Boolean(),
    routing: Mode,
    spend: Mode,
    security: Mode,
    survival: Mode,
    /** Classes whose routing mode differs from the PBX's. */
    classes: Type.Array(Type.Object({ class: Identifier, routing: Mode }, { additionalProperties: false }), {
      maxItems: 64,
    }),
  },
  { additionalProperties: false },
);
/** Static type of {@link PbxModes}. */
export type PbxModes = Static<typeof PbxModes>;
