import { cutPage, type Page, type PageRequest, pageBounds, wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { StoreDatabase } from './store-database.ts';

/** Length of a rollup of a path that is not healthy, milliseconds. */
export const UNHEALTHY_ROLLUP_MS = 60_000;
/** Length of every other rollup, milliseconds. */
export const HEALTHY_ROLLUP_MS = 900_000;

/** Sums of one path from `startEpochMs` on; round trips only where something was answered. */
export type PathRollup = {
  readonly pathKey: string;
  readonly startEpochMs: number;
  readonly lengthMs: typeof UNHEALTHY_ROLLUP_MS | typeof HEALTHY_ROLLUP_MS;
  readonly sent: number;
  readonly lost: number;
  readonly rttP50Ms: number | undefined;
  readonly rttP95Ms: number | undefined;
};

/** A rollup on disk. */
export type StoredRollup = PathRollup & { readonly id: number };

/** Which rollups are wanted; times are those of their start. */
export type RollupFilter = PageRequest & {
  readonly pathKey?: string;
  readonly lengthMs?: PathRollup['lengthMs'];
  readonly fromEpochMs?: number;
  readonly toEpochMs?: number;
};

/** Path rollups: what the store keeps of measurements; finer series belong to Prometheus. */
export class RollupStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** Keeps rollups, all or none; one of the same path, start and length replaces the one before (its id stays). */
  async put(rollups: readonly PathRollup[]): Promise<void> {
    await this.#database.write(
      rollups.map((rollup) =>
        build
          .insertInto('path_rollups')
          .values({
            path_key: rollup.pathKey,
            start_epoch_ms: wholeMs(rollup.startEpochMs),
            length_ms: rollup.lengthMs,
            sent: rollup.sent,
            lost: rollup.lost,
            rtt_p50_ms: rollup.rttP50Ms ?? null,
            rtt_p95_ms: rollup.rttP95Ms ?? null,
          })
          .onConflict((conflict) =>
            conflict.columns(['path_key', 'start_epoch_ms', 'length_ms']).doUpdateSet((row) => ({
              sent: row.ref('excluded.sent'),
              lost: row.ref('excluded.lost'),
              rtt_p50_ms: row.ref('excluded.rtt_p50_ms'),
              rtt_p95_ms: row.ref('excluded.rtt_p95_ms'),
            })),
          )
          .compile(),
      ),
    );
  }

  /** One page of rollups, by id. */
  async list(filter: RollupFilter = {}): Promise<Page<StoredRollup>> {
    const { cursor, limit, comparison, direction } = pageBounds(filter);
    let query = build.selectFrom('path_rollups').selectAll().orderBy('id', direction);
    if (cursor !== undefined) query = query.where('id', comparison, cursor);
    if (filter.pathKey !== undefined) query = query.where('path_key', '=', filter.pathKey);
    if (filter.lengthMs !== undefined) query = query.where('length_ms', '=', filter.lengthMs);
    if (filter.fromEpochMs !== undefined) query = query.where('start_epoch_ms', '>=', filter.fromEpochMs);
    if (filter.toEpochMs !== undefined) query = query.where('start_epoch_ms', '<', filter.toEpochMs);
    return cutPage(await this.#database.read(query.limit(limit + 1).compile()), limit, (row) => ({
      id: row.id,
      pathKey: row.path_key,
      startEpochMs: row.start_epoch_ms,
      lengthMs: row.length_ms === UNHEALTHY_ROLLUP_MS ? UNHEALTHY_ROLLUP_MS : HEALTHY_ROLLUP_MS,
      sent: row.sent,
      lost: row.lost,
      rttP50Ms: row.rtt_p50_ms ?? undefined,
      rttP95Ms: row.rtt_p95_ms ?? undefined,
    }));
  }
}
