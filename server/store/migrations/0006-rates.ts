import type { Migration } from '../migration.ts';

/** Rate decks as they were imported: one row each, and its prices in parts of some thousand rows. */
export const rates: Migration = {
  version: 6,
  name: 'rates',
  statements: [
    `create table rate_imports (
      import_id integer primary key autoincrement,
      provider text not null,
      how text not null check (how in ('replace', 'merge')),
      actor text not null,
      file_name text not null,
      sha256 text not null,
      row_count integer not null check (row_count > 0),
      reject_count integer not null check (reject_count >= 0),
      begins_at_epoch_ms integer not null,
      imported_at_epoch_ms integer not null
    ) strict`,
    'create index rate_imports_provider on rate_imports (provider, import_id)',
    `create table rate_rows (
      import_id integer not null references rate_imports (import_id),
      part integer not null,
      body text not null check (json_valid(body)),
      primary key (import_id, part)
    ) strict, without rowid`,
  ],
};
