import type { Mode, ModeFunction } from '../../wire/plan.ts';
import { type JournalEntry, type JournalScope, journalEntry, journalInsert } from './journal-store.ts';
import { wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { StoreDatabase } from './store-database.ts';

/** Where a mode applies. The narrowest scope that has one wins; who resolves them is not the store. */
export type ModeScope =
  | { readonly kind: 'fleet' }
  | { readonly kind: 'site'; readonly site: string }
  | { readonly kind: 'pbx'; readonly pbx: string }
  | { readonly kind: 'class'; readonly class: string };

/** A mode with who set it. */
export type StoredMode = {
  readonly function: ModeFunction;
  readonly scope: ModeScope;
  readonly mode: Mode;
  readonly actor: string;
  readonly changedAtEpochMs: number;
};

/** The global stop switch. Never used: not stopped. */
export type StopSwitch = {
  readonly isStopped: boolean;
  readonly actor: string | undefined;
  readonly changedAtEpochMs: number | undefined;
};

/** Modes per function and scope, and the stop switch; each change is journaled in its own transaction (safety rule 7). */
export class ModeStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** Sets a mode. @returns the journal entry, on disk together with the mode. */
  async set(change: Omit<StoredMode, 'changedAtEpochMs'>, reason?: string): Promise<JournalEntry> {
    const nowEpochMs = this.#database.nowEpochMs();
    const { mode, actor, scope } = change;
    const upsert = build
      .insertInto('modes')
      .values({
        function: change.function,
        scope_kind: scope.kind,
        scope_name: scopeName(scope),
        mode,
        actor,
        changed_at_epoch_ms: wholeMs(nowEpochMs),
      })
      .onConflict((conflict) =>
        conflict.columns(['function', 'scope_kind', 'scope_name']).doUpdateSet((row) => ({
          mode: row.ref('excluded.mode'),
          actor: row.ref('excluded.actor'),
          changed_at_epoch_ms: row.ref('excluded.changed_at_epoch_ms'),
        })),
      )
      .compile();
    const place = `${scope.kind} ${scopeName(scope)}`.trim();
    return this.#journaled(upsert, 'mode-set', actor, `${change.function} of ${place} set to ${mode}`, reason, scope);
  }

  /** Removes the mode of a scope, so that the wider one applies again; journaled even where there was none. */
  async clear(target: Pick<StoredMode, 'function' | 'scope' | 'actor'>, reason?: string): Promise<JournalEntry> {
    const { scope, actor } = target;
    const remove = build
      .deleteFrom('modes')
      .where('function', '=', target.function)
      .where('scope_kind', '=', scope.kind)
      .where('scope_name', '=', scopeName(scope))
      .compile();
    const place = `${scope.kind} ${scopeName(scope)}`.trim();
    return this.#journaled(remove, 'mode-cleared', actor, `${target.function} of ${place} cleared`, reason, scope);
  }

  /** Throws or releases the global stop switch. */
  async setStopped(isStopped: boolean, actor: string, reason?: string): Promise<JournalEntry> {
    const row = {
      is_stopped: isStopped ? 1 : 0,
      actor,
      changed_at_epoch_ms: wholeMs(this.#database.nowEpochMs()),
    };
    const upsert = build
      .insertInto('stop_switch')
      .values({ id: 1, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .compile();
    const sentence = isStopped ? 'stop switch thrown: nothing is changed anywhere' : 'stop switch released';
    return this.#journaled(upsert, isStopped ? 'stopped' : 'released', actor, sentence, reason, { kind: 'fleet' });
  }

  /** Every mode set, in no order. */
  async list(): Promise<readonly StoredMode[]> {
    const rows = await this.#database.read(build.selectFrom('modes').selectAll().compile());
    return rows.map((row) => ({
      function: row.function as ModeFunction,
      scope: modeScope(row.scope_kind, row.scope_name),
      mode: row.mode,
      actor: row.actor,
      changedAtEpochMs: row.changed_at_epoch_ms,
    }));
  }

  /** State of the stop switch. */
  async stopSwitch(): Promise<StopSwitch> {
    const [row] = await this.#database.read(build.selectFrom('stop_switch').selectAll().compile());
    return {
      isStopped: row?.is_stopped === 1,
      actor: row?.actor,
      changedAtEpochMs: row?.changed_at_epoch_ms,
    };
  }

  async #journaled(
    change: Parameters<StoreDatabase['write']>[0][number],
    kind: string,
    actor: string,
    what: string,
    reason: string | undefined,
    scope: ModeScope,
  ): Promise<JournalEntry> {
    const sentence = reason === undefined ? `${what}, by ${actor}` : `${what}, by ${actor}: ${reason}`;
    const entry = { kind, actor, scope: journalScope(scope), sentence };
    const [rows] = await this.#database.write([journalInsert(entry, this.#database.nowEpochMs()), change]);
    const [row] = rows;
    if (!row) throw new Error('an appended journal row came back empty');
    return journalEntry(row);
  }
}

function scopeName(scope: ModeScope): string {
  switch (scope.kind) {
    case 'fleet':
      return '';
    case 'site':
      return scope.site;
    case 'pbx':
      return scope.pbx;
    case 'class':
      return scope.class;
    default:
      return scope satisfies never;
  }
}

function modeScope(kind: ModeScope['kind'], name: string): ModeScope {
  switch (kind) {
    case 'fleet':
      return { kind };
    case 'site':
      return { kind, site: name };
    case 'pbx':
      return { kind, pbx: name };
    case 'class':
      return { kind, class: name };
    default:
      return kind satisfies never;
  }
}

function journalScope(scope: ModeScope): JournalScope {
  const { kind, ...named } = scope;
  return kind === 'fleet' ? {} : named;
}
