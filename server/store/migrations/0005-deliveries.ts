import type { Migration } from '../migration.ts';

/** What webhooks and programs are still to be told of, and what was given up. */
export const deliveries: Migration = {
  version: 5,
  name: 'deliveries',
  statements: [
    `create table deliveries (
      id integer primary key autoincrement,
      delivery_id text not null unique,
      actuator text not null check (actuator in ('webhook', 'exec')),
      hook text not null,
      lane text not null,
      body text not null check (json_valid(body)),
      state text not null check (state in ('pending', 'dead')),
      attempts integer not null default 0,
      made_at_epoch_ms integer not null,
      due_at_epoch_ms integer not null,
      last_reason text
    ) strict`,
    'create index deliveries_state on deliveries (state, id)',
  ],
};
