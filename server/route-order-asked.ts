import { isDeepStrictEqual } from 'node:util';
import type { MaintenanceOrder, PinOrder } from './api/route-order-schemas.ts';
import type { KnownMaintenance } from './route-order-entries.ts';
import { type ConfiguredNames, maintenanceFaults, type OrderFault, pinFaults } from './routing/ordered-names.ts';
import { type AskedSpan, spanOf } from './routing/ordered-span.ts';
import type { Json } from './store/json-value.ts';
import type { RouteOrderKind, StoredRouteOrder } from './store/route-order-store.ts';

/** An order as it was asked for, checked against the names of the configuration. */
export type AskedOrder = {
  readonly kind: RouteOrderKind;
  /** Absent: the one who orders gave none. */
  readonly id: string | undefined;
  /** What is asked for, in one form, so that a retry is known by it. */
  readonly told: Json;
  readonly when: AskedSpan;
  readonly actor: string;
  readonly reason: string;
  readonly faults: readonly OrderFault[];
};

/** A pin as it was asked for. */
export function askedPin(order: PinOrder, actor: string, known: ConfiguredNames): AskedOrder {
  const { force, id, reason, scope = {}, trunks, ...when } = order;
  const told = { scope, trunks, ...(force === true && { isForced: true }), ...when };
  return { kind: 'pin', id, told, when, actor, reason, faults: pinFaults({ scope, trunks }, known) };
}

/** A maintenance as it was asked for; it has an end, or is at fault. */
export function askedMaintenance(order: MaintenanceOrder, actor: string, known: ConfiguredNames): AskedOrder {
  const { id, of, reason, ...when } = order;
  const [[place, name] = ['', '']] = Object.entries(of);
  const about = { [place]: name } as KnownMaintenance['of'];
  const isEndless = when.forS === undefined && when.untilEpochMs === undefined;
  const faults = [...maintenanceFaults(about, known), ...(isEndless ? [WITHOUT_END] : [])];
  return { kind: 'maintenance', id, told: { of: about, ...when }, when, actor, reason, faults };
}

const WITHOUT_END: OrderFault = { fault: 'refused', sentence: 'untilEpochMs: a maintenance has an end; or say forS' };

/** The order as it is to be kept, or everything that is wrong with it. @param atMs - hub time. */
export function orderToKeep(
  { actor, faults, kind, reason, told, when }: AskedOrder,
  orderId: string,
  atMs: number,
): { readonly order: StoredRouteOrder } | { readonly faults: readonly OrderFault[] } {
  const timed = spanOf(when, atMs);
  if ('fault' in timed) return { faults: [...faults, timed.fault] };
  if (faults.length > 0) return { faults };
  const { fromMs, untilMs } = timed.span;
  const order: StoredRouteOrder = {
    kind,
    orderId,
    asked: told,
    actor,
    reason,
    orderedAtEpochMs: atMs,
    fromEpochMs: fromMs,
    ...(untilMs !== undefined && { untilEpochMs: untilMs }),
    ...(fromMs <= atMs && { beganAtEpochMs: fromMs }),
  };
  return { order };
}

/** Why an order is no retry of the one that is known under its id; undefined where it is. */
export function conflictWith(known: StoredRouteOrder, asked: AskedOrder): string | undefined {
  const { actor, kind, orderId, reason } = known;
  if (known.endedAtEpochMs !== undefined) return `${kind} ${orderId} is over: give a new one another id`;
  const isSame = actor === asked.actor && reason === asked.reason && isDeepStrictEqual(known.asked, asked.told);
  return isSame ? undefined : `${kind} ${orderId} is another order, by ${actor}: ${reason}`;
}
