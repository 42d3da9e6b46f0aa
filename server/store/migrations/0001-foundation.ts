import type { Migration } from '../migration.ts';

/** Journal, probe events, plans, memory, modes, fence. Never edited once released: a change is a migration of its own. */
export const foundation: Migration = {
  version: 1,
  name: 'foundation',
  statements: [
    `create table journal (
      id integer primary key autoincrement,
      at_epoch_ms integer not null,
      kind text not null,
      actor text not null,
      site text,
      provider text,
      trunk text,
      pbx text,
      class text,
      sentence text not null,
      detail text check (detail is null or json_valid(detail))
    ) strict`,
    'create index journal_time on journal (at_epoch_ms)',
    'create index journal_kind on journal (kind, id)',
    'create index journal_site on journal (site, id) where site is not null',
    'create index journal_provider on journal (provider, id) where provider is not null',
    'create index journal_trunk on journal (trunk, id) where trunk is not null',
    'create index journal_pbx on journal (pbx, id) where pbx is not null',
    'create index journal_class on journal (class, id) where class is not null',
    `create table journal_retention (
      id integer primary key check (id = 1),
      horizon_epoch_ms integer not null
    ) strict`,
    'insert into journal_retention (id, horizon_epoch_ms) values (1, 0)',
    `create trigger journal_keeps_rows before update on journal
      begin select raise(abort, 'journal rows are never changed'); end`,
    `create trigger journal_keeps_recent_rows before delete on journal
      when old.at_epoch_ms >= (select horizon_epoch_ms from journal_retention)
      begin select raise(abort, 'journal rows are deleted by retention only'); end`,
    `create trigger journal_horizon_moves_on before update on journal_retention
      when new.horizon_epoch_ms < old.horizon_epoch_ms or new.id <> old.id
      begin select raise(abort, 'the retention horizon never moves back'); end`,
    `create trigger journal_horizon_stays before delete on journal_retention
      begin select raise(abort, 'the retention horizon is never removed'); end`,
    `create table outboxes (
      outbox_id text primary key,
      pbx text not null,
      highest_sequence integer not null,
      trimmed_sequence integer not null default -1,
      received_at_epoch_ms integer not null
    ) strict, without rowid`,
    `create table probe_events (
      id integer primary key autoincrement,
      outbox_id text not null references outboxes (outbox_id),
      sequence integer not null,
      pbx text not null,
      occurred_at_epoch_ms integer not null,
      received_at_epoch_ms integer not null,
      kind text not null,
      body text not null check (json_valid(body)),
      unique (outbox_id, sequence)
    ) strict`,
    'create index probe_events_pbx on probe_events (pbx, id)',
    'create index probe_events_kind on probe_events (kind, id)',
    'create index probe_events_received on probe_events (received_at_epoch_ms)',
    `create table plans (
      id integer primary key autoincrement,
      pbx text not null,
      class text not null,
      fence integer not null,
      version integer not null,
      trunks text not null check (json_valid(trunks)),
      mode text not null check (mode in ('observe', 'enforce')),
      reason text not null,
      issued_at_epoch_ms integer not null,
      outcome text,
      outcome_reason text,
      applied_at_epoch_ms integer,
      read_back text,
      unique (pbx, class, fence, version)
    ) strict`,
    'create index plans_latest on plans (pbx, class, id)',
    'create index plans_issued on plans (issued_at_epoch_ms)',
    `create table memory (
      key text primary key,
      value text not null check (json_valid(value)),
      updated_at_epoch_ms integer not null
    ) strict, without rowid`,
    `create table modes (
      function text not null,
      scope_kind text not null check (scope_kind in ('fleet', 'site', 'pbx', 'class')),
      scope_name text not null,
      mode text not null check (mode in ('observe', 'enforce')),
      actor text not null,
      changed_at_epoch_ms integer not null,
      primary key (function, scope_kind, scope_name)
    ) strict, without rowid`,
    `create table stop_switch (
      id integer primary key check (id = 1),
      is_stopped integer not null check (is_stopped in (0, 1)),
      actor text not null,
      changed_at_epoch_ms integer not null
    ) strict`,
    `create table hub_fence (
      id integer primary key check (id = 1),
      fence integer not null check (fence between 1 and 9007199254740991),
      taken_at_epoch_ms integer not null
    ) strict`,
    'create table write_trial (id integer primary key check (id = 1), ballast text not null) strict',
  ],
};
