import type { Migration } from '../migration.ts';

/** What people order of routes: pins, maintenances and the stop switch of routing. Orders that are over stay for a while, so that a retry finds them. */
export const routeOrders: Migration = {
  version: 4,
  name: 'route-orders',
  statements: [
    `create table route_orders (
      kind text not null check (kind in ('pin', 'maintenance')),
      order_id text not null,
      asked text not null check (json_valid(asked)),
      actor text not null,
      reason text not null,
      ordered_at_epoch_ms integer not null,
      from_epoch_ms integer not null,
      until_epoch_ms integer check (until_epoch_ms is null or until_epoch_ms > from_epoch_ms),
      began_at_epoch_ms integer,
      ended_at_epoch_ms integer,
      ended_by text,
      primary key (kind, order_id)
    ) strict, without rowid`,
    'create index route_orders_ended on route_orders (ended_at_epoch_ms) where ended_at_epoch_ms is not null',
    `create table routing_stop (
      id integer primary key check (id = 1),
      is_stopped integer not null check (is_stopped in (0, 1)),
      actor text not null,
      reason text not null,
      changed_at_epoch_ms integer not null
    ) strict`,
  ],
};
