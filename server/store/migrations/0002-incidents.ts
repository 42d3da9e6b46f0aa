import type { Migration } from '../migration.ts';

/** Verdicts with their evidence, path rollups, and the mark of journal rows that had to wait for the disk. */
export const incidents: Migration = {
  version: 2,
  name: 'incidents',
  statements: [
    'alter table journal add column is_buffered integer not null default 0 check (is_buffered in (0, 1))',
    `create table verdicts (
      id integer primary key autoincrement,
      verdict_id text not null unique,
      latest text not null check (json_valid(latest)),
      opened_at_epoch_ms integer not null,
      updated_at_epoch_ms integer not null,
      cleared_at_epoch_ms integer
    ) strict`,
    'create index verdicts_open on verdicts (id) where cleared_at_epoch_ms is null',
    'create index verdicts_cleared on verdicts (cleared_at_epoch_ms) where cleared_at_epoch_ms is not null',
    `create table verdict_evidence (
      id integer primary key autoincrement,
      verdict_id text not null references verdicts (verdict_id),
      at_epoch_ms integer not null,
      snapshot text not null check (json_valid(snapshot))
    ) strict`,
    'create index verdict_evidence_verdict on verdict_evidence (verdict_id, id)',
    `create table path_rollups (
      id integer primary key autoincrement,
      path_key text not null,
      start_epoch_ms integer not null,
      length_ms integer not null check (length_ms > 0),
      sent integer not null check (sent >= 0),
      lost integer not null check (lost between 0 and sent),
      rtt_p50_ms real,
      rtt_p95_ms real,
      unique (path_key, start_epoch_ms, length_ms)
    ) strict`,
    'create index path_rollups_age on path_rollups (length_ms, start_epoch_ms)',
  ],
};
