import type { Migration } from '../migration.ts';

/** What stood beside a verdict when it was judged (its control group), and the media of the paths around it by the minute. */
export const evidence: Migration = {
  version: 3,
  name: 'evidence',
  statements: [
    `create table verdict_contexts (
      id integer primary key autoincrement,
      verdict_id text not null references verdicts (verdict_id),
      at_epoch_ms integer not null,
      context text not null check (json_valid(context))
    ) strict`,
    'create index verdict_contexts_verdict on verdict_contexts (verdict_id, id)',
    `create table media_minutes (
      id integer primary key autoincrement,
      media_key text not null,
      source text not null check (source in ('mesh', 'calls')),
      direction text not null check (direction in ('forward', 'reverse')),
      start_epoch_ms integer not null,
      sent integer not null check (sent > 0),
      lost integer not null check (lost between 0 and sent),
      intervals integer not null check (intervals > 0),
      lost_squares real not null check (lost_squares >= 0),
      unique (media_key, direction, start_epoch_ms)
    ) strict`,
    'create index media_minutes_age on media_minutes (start_epoch_ms)',
  ],
};
