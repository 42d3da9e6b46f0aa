import { wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import { HEALTHY_ROLLUP_MS, UNHEALTHY_ROLLUP_MS } from './rollup-store.ts';
import type { StoreDatabase } from './store-database.ts';

/** How old each kind of row may become, milliseconds. Open verdicts and the latest plan of each class stay. */
export type RetentionPolicy = {
  readonly journalMs: number;
  readonly eventsMs: number;
  readonly clearedVerdictsMs: number;
  readonly plansMs: number;
  readonly minuteRollupsMs: number;
  readonly quarterHourRollupsMs: number;
};

/** Rows deleted by one pass. */
export type RetentionReport = { readonly [Table in keyof RetentionPolicy]: number };

const DAY_MS = 86_400_000;

/** What a hub keeps unless told otherwise: the journal for two years, events for three months. */
export const RETENTION_POLICY: RetentionPolicy = {
  journalMs: 730 * DAY_MS,
  eventsMs: 92 * DAY_MS,
  clearedVerdictsMs: 400 * DAY_MS,
  plansMs: 400 * DAY_MS,
  minuteRollupsMs: 31 * DAY_MS,
  quarterHourRollupsMs: 400 * DAY_MS,
};

/** Most rows that one transaction deletes, so that writes between two chunks hardly wait. */
export const RETENTION_CHUNK_ROWS = 500;

/** Deletes what is too old; runs during an outage too, since it may be what ends it. */
export class RetentionStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /**
   * One pass over all tables, in chunks, each a transaction of its own.
   *
   * @param signal - ends the pass after the chunk under way.
   */
  async trim(policy: RetentionPolicy, signal?: AbortSignal): Promise<RetentionReport> {
    const nowEpochMs = this.#database.nowEpochMs();
    const before = (ageMs: number) => wholeMs(nowEpochMs - ageMs);
    const chunks = async (chunk: () => Promise<number>): Promise<number> => {
      let deleted = 0;
      for (let rows = RETENTION_CHUNK_ROWS; rows === RETENTION_CHUNK_ROWS; deleted += rows) {
        rows = signal?.aborted ? 0 : await chunk();
      }
      return deleted;
    };
    return {
      journalMs: await chunks(() => this.#journal(before(policy.journalMs))),
      eventsMs: await chunks(() => this.#events(before(policy.eventsMs))),
      clearedVerdictsMs:
        (await chunks(() => this.#contexts(before(policy.clearedVerdictsMs)))) +
        (await chunks(() => this.#evidence(before(policy.clearedVerdictsMs)))) +
        (await chunks(() => this.#verdicts(before(policy.clearedVerdictsMs)))),
      plansMs: await chunks(() => this.#plans(before(policy.plansMs))),
      minuteRollupsMs:
        (await chunks(() => this.#rollups(UNHEALTHY_ROLLUP_MS, before(policy.minuteRollupsMs)))) +
        (await chunks(() => this.#mediaMinutes(before(policy.minuteRollupsMs)))),
      quarterHourRollupsMs: await chunks(() => this.#rollups(HEALTHY_ROLLUP_MS, before(policy.quarterHourRollupsMs))),
    };
  }

  async #journal(beforeEpochMs: number): Promise<number> {
    const horizon = build
      .updateTable('journal_retention')
      .set({ horizon_epoch_ms: beforeEpochMs })
      .where('horizon_epoch_ms', '<', beforeEpochMs)
      .compile();
    const oldest = build
      .selectFrom('journal')
      .select('id')
      .where('at_epoch_ms', '<', beforeEpochMs)
      .orderBy('at_epoch_ms')
      .limit(RETENTION_CHUNK_ROWS);
    const remove = build.deleteFrom('journal').where('id', 'in', oldest).returning('id').compile();
    const [, removed] = await this.#database.trim([horizon, remove]);
    return removed.length;
  }

  async #events(beforeEpochMs: number): Promise<number> {
    const oldest = build
      .selectFrom('probe_events')
      .select('id')
      .where('received_at_epoch_ms', '<', beforeEpochMs)
      .orderBy('received_at_epoch_ms')
      .limit(RETENTION_CHUNK_ROWS);
    const mark = build
      .updateTable('outboxes')
      .from(
        build
          .selectFrom('probe_events')
          .select(({ fn }) => ['outbox_id', fn.max('sequence').as('highest')])
          .where('id', 'in', oldest)
          .groupBy('outbox_id')
          .as('trimmed'),
      )
      .set((row) => ({
        trimmed_sequence: row.fn<number>('max', ['outboxes.trimmed_sequence', 'trimmed.highest']),
      }))
      .whereRef('trimmed.outbox_id', '=', 'outboxes.outbox_id')
      .compile();
    const remove = build.deleteFrom('probe_events').where('id', 'in', oldest).returning('id').compile();
    const [, removed] = await this.#database.trim([mark, remove]);
    return removed.length;
  }

  async #contexts(clearedBeforeEpochMs: number): Promise<number> {
    const oldest = build
      .selectFrom('verdict_contexts')
      .innerJoin('verdicts', 'verdicts.verdict_id', 'verdict_contexts.verdict_id')
      .select('verdict_contexts.id')
      .where('verdicts.cleared_at_epoch_ms', '<', clearedBeforeEpochMs)
      .limit(RETENTION_CHUNK_ROWS);
    const [removed] = await this.#database.trim([
      build.deleteFrom('verdict_contexts').where('id', 'in', oldest).returning('id').compile(),
    ]);
    return removed.length;
  }

  async #mediaMinutes(beforeEpochMs: number): Promise<number> {
    const oldest = build
      .selectFrom('media_minutes')
      .select('id')
      .where('start_epoch_ms', '<', beforeEpochMs)
      .orderBy('start_epoch_ms')
      .limit(RETENTION_CHUNK_ROWS);
    const [removed] = await this.#database.trim([
      build.deleteFrom('media_minutes').where('id', 'in', oldest).returning('id').compile(),
    ]);
    return removed.length;
  }

  async #evidence(clearedBeforeEpochMs: number): Promise<number> {
    const oldest = build
      .selectFrom('verdict_evidence')
      .innerJoin('verdicts', 'verdicts.verdict_id', 'verdict_evidence.verdict_id')
      .select('verdict_evidence.id')
      .where('verdicts.cleared_at_epoch_ms', '<', clearedBeforeEpochMs)
      .limit(RETENTION_CHUNK_ROWS);
    const [removed] = await this.#database.trim([
      build.deleteFrom('verdict_evidence').where('id', 'in', oldest).returning('id').compile(),
    ]);
    return removed.length;
  }

  async #verdicts(clearedBeforeEpochMs: number): Promise<number> {
    const oldest = build
      .selectFrom('verdicts')
      .select('id')
      .where('cleared_at_epoch_ms', '<', clearedBeforeEpochMs)
      .where((row) =>
        row.not(
          row.exists(
            row
              .selectFrom('verdict_evidence')
              .select('verdict_evidence.id')
              .whereRef('verdict_evidence.verdict_id', '=', 'verdicts.verdict_id'),
          ),
        ),
      )
      .where((row) =>
        row.not(
          row.exists(
            row
              .selectFrom('verdict_contexts')
              .select('verdict_contexts.id')
              .whereRef('verdict_contexts.verdict_id', '=', 'verdicts.verdict_id'),
          ),
        ),
      )
      .limit(RETENTION_CHUNK_ROWS);
    const [removed] = await this.#database.trim([
      build.deleteFrom('verdicts').where('id', 'in', oldest).returning('id').compile(),
    ]);
    return removed.length;
  }

  async #plans(beforeEpochMs: number): Promise<number> {
    const oldest = build
      .selectFrom('plans')
      .select('plans.id')
      .where('plans.issued_at_epoch_ms', '<', beforeEpochMs)
      .where((row) =>
        row.exists(
          row
            .selectFrom('plans as later')
            .select('later.id')
            .whereRef('later.pbx', '=', 'plans.pbx')
            .whereRef('later.class', '=', 'plans.class')
            .whereRef('later.id', '>', 'plans.id'),
        ),
      )
      .limit(RETENTION_CHUNK_ROWS);
    const [removed] = await this.#database.trim([
      build.deleteFrom('plans').where('id', 'in', oldest).returning('id').compile(),
    ]);
    return removed.length;
  }

  async #rollups(lengthMs: number, beforeEpochMs: number): Promise<number> {
    const oldest = build
      .selectFrom('path_rollups')
      .select('id')
      .where('length_ms', '=', lengthMs)
      .where('start_epoch_ms', '<', beforeEpochMs)
      .orderBy('start_epoch_ms')
      .limit(RETENTION_CHUNK_ROWS);
    const [removed] = await this.#database.trim([
      build.deleteFrom('path_rollups').where('id', 'in', oldest).returning('id').compile(),
    ]);
    return removed.length;
  }
}
