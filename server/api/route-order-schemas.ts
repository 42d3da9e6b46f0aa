import Type, { type Static } from 'typebox';
import { Identifier } from '../../wire/identifiers.ts';

const closed = { additionalProperties: false } as const;
const Text = Type.String();
const Epoch = Type.Number({ description: 'Epoch milliseconds of the hub.' });
const Reason = Type.String({ minLength: 1, maxLength: 300 });
/** Within what a `Date` can hold, with room. */
const EpochIn = Type.Optional(Type.Integer({ minimum: 0, maximum: 8_000_000_000_000 }));
const ForS = Type.Optional(Type.Integer({ minimum: 1, maximum: 366 * 86_400 }));

/** Id of an order: chosen by the one who orders, so that a retry is known to be one; else the hub gives it. */
export const OrderId = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' });

const Place = Type.Object(
  {
    trunk: Type.Optional(Identifier),
    provider: Type.Optional(Identifier),
    site: Type.Optional(Identifier),
    pbx: Type.Optional(Identifier),
  },
  { ...closed, minProperties: 1, maxProperties: 1 },
);

/** A pin asked for by an operator. */
export const PinOrder = Type.Object(
  {
    id: Type.Optional(OrderId),
    /** The whole fleet, or a site or a PBX; all classes, or one. */
    scope: Type.Optional(
      Type.Object(
        { site: Type.Optional(Identifier), pbx: Type.Optional(Identifier), class: Type.Optional(Identifier) },
        closed,
      ),
    ),
    /** The trunk to lead, and those to come next. */
    trunks: Type.Array(Identifier, { minItems: 1, maxItems: 50, uniqueItems: true }),
    /** Also where the trunk is hard-down or in maintenance. */
    force: Type.Optional(Type.Boolean()),
    untilEpochMs: EpochIn,
    forS: ForS,
    reason: Reason,
  },
  closed,
);
/** Static type of {@link PinOrder}. */
export type PinOrder = Static<typeof PinOrder>;

/** A maintenance asked for by an operator; it always ends. */
export const MaintenanceOrder = Type.Object(
  {
    id: Type.Optional(OrderId),
    of: Place,
    /** From now on when absent or past. */
    fromEpochMs: EpochIn,
    untilEpochMs: EpochIn,
    forS: ForS,
    reason: Reason,
  },
  closed,
);
/** Static type of {@link MaintenanceOrder}. */
export type MaintenanceOrder = Static<typeof MaintenanceOrder>;

/** Why the switch of routing is thrown or released. */
export const RoutingStopOrder = Type.Object({ reason: Reason }, closed);

/** A pin that is in force. */
export const PinView = Type.Object({
  id: Text,
  scope: Type.Object({ site: Type.Optional(Text), pbx: Type.Optional(Text), class: Type.Optional(Text) }),
  trunks: Type.Array(Text),
  isForced: Type.Boolean(),
  orderedAtEpochMs: Epoch,
  untilEpochMs: Type.Optional(Epoch),
  actor: Text,
  reason: Text,
});

/** A maintenance that is in force or to come. */
export const MaintenanceView = Type.Object({
  id: Text,
  of: Type.Object({
    trunk: Type.Optional(Text),
    provider: Type.Optional(Text),
    site: Type.Optional(Text),
    pbx: Type.Optional(Text),
  }),
  fromEpochMs: Epoch,
  untilEpochMs: Epoch,
  actor: Text,
  reason: Text,
});

/** State of the stop switch of routing, and who used it last. */
export const RoutingStopView = Type.Object({
  isStopped: Type.Boolean(),
  actor: Type.Optional(Text),
  reason: Type.Optional(Text),
  changedAtEpochMs: Type.Optional(Epoch),
});
