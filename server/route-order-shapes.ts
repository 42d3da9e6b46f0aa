import type { LiveMaintenance, LiveOrders, LivePin } from '../wire/live.ts';
import type { KnownMaintenance, KnownPin } from './route-order-entries.ts';
import type { MaintenancePlace, OrderScope } from './routing/route-constraints.ts';
import type { RoutingStop, StoredRouteOrder } from './store/route-order-store.ts';

/** What is kept of a pin beside its times: written by this program only, after it was checked. */
type AskedPin = { readonly scope: OrderScope; readonly trunks: readonly string[]; readonly isForced?: true };

/** A stored order as a pin; undefined for another kind. */
export function pinIn(order: StoredRouteOrder): KnownPin | undefined {
  if (order.kind !== 'pin') return undefined;
  const { isForced, scope, trunks } = order.asked as AskedPin;
  const [trunk = '', ...behind] = trunks;
  return {
    id: order.orderId,
    orderedAtMs: order.orderedAtEpochMs,
    scope,
    trunk,
    ...(behind.length > 0 && { behind }),
    ...(isForced && { isForced }),
    ...(order.untilEpochMs !== undefined && { untilMs: order.untilEpochMs }),
    actor: order.actor,
    reason: order.reason,
  };
}

/** A stored order as a maintenance; undefined for another kind. */
export function maintenanceIn(
  order: StoredRouteOrder,
): (KnownMaintenance & { readonly hasBegun: boolean }) | undefined {
  if (order.kind !== 'maintenance') return undefined;
  const { of } = order.asked as { readonly of: MaintenancePlace };
  const { actor, fromEpochMs: fromMs, orderId: id, reason, untilEpochMs: untilMs = fromMs } = order;
  return { id, of, fromMs, untilMs, actor, reason, hasBegun: order.beganAtEpochMs !== undefined };
}

/** Orders and switch as they are shown. */
export function liveOrders(
  pins: readonly KnownPin[],
  maintenance: readonly KnownMaintenance[],
  stop: RoutingStop,
): LiveOrders {
  return { routingStop: stop, pins: pins.map(livePin), maintenance: maintenance.map(liveMaintenance) };
}

function livePin({ actor, id, isForced, orderedAtMs, reason, scope, behind = [], trunk, untilMs }: KnownPin): LivePin {
  return {
    id,
    scope,
    trunks: [trunk, ...behind],
    isForced: isForced === true,
    orderedAtEpochMs: orderedAtMs,
    ...(untilMs !== undefined && { untilEpochMs: untilMs }),
    actor,
    reason,
  };
}

function liveMaintenance({ actor, fromMs, id, of, reason, untilMs }: KnownMaintenance): LiveMaintenance {
  return { id, of, fromEpochMs: fromMs, untilEpochMs: untilMs, actor, reason };
}
