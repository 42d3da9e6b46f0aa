import { type Json, jsonText, parseJson } from './json-value.ts';
import { wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { StoreDatabase } from './store-database.ts';

/** Most contexts and minutes that one reading gives. */
export const MAX_CONTEXTS = 200;
const CONTEXTS_AT_ONCE = 5;
/** Most minutes of one key and direction that one reading gives: a day and a half. */
export const MAX_MEDIA_MINUTES = 2160;

/** What stood beside a verdict at one time. */
export type StoredContext = { readonly atEpochMs: number; readonly context: Json };

/**
 * Packets of one direction in one minute: of the mesh stream of a path to a peer, or of the calls of a PBX at a trunk.
 * `forward` leaves the PBX. `lostSquares` is the sum over the reports of lost² / sent.
 */
export type MediaMinute = {
  readonly mediaKey: string;
  readonly source: 'mesh' | 'calls';
  readonly direction: 'forward' | 'reverse';
  readonly startEpochMs: number;
  readonly sent: number;
  readonly lost: number;
  readonly intervals: number;
  readonly lostSquares: number;
};

/** What is kept around verdicts so that their evidence can be shown later. */
export class EvidenceStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /** Keeps what stood beside a verdict, which must be on disk: of each the first and the newest, as {@link contexts} reads them. */
  async addContext(verdictId: string, atEpochMs: number, context: Json): Promise<void> {
    const row = { verdict_id: verdictId, at_epoch_ms: wholeMs(atEpochMs), context: jsonText(context) };
    const own = build.selectFrom('verdict_contexts').select('id').where('verdict_id', '=', verdictId);
    const kept = own.orderBy('id', 'desc').limit(MAX_CONTEXTS - 1);
    await this.#database.write([
      build.insertInto('verdict_contexts').values(row).compile(),
      build
        .deleteFrom('verdict_contexts')
        .where('verdict_id', '=', verdictId)
        .where('id', 'not in', kept)
        .where('id', '>', own.orderBy('id', 'asc').limit(1))
        .compile(),
    ]);
  }

  /**
   * Contexts of a verdict, oldest first, at most {@link MAX_CONTEXTS}: the first, and the newest where there are more. Each names
   * up to 200 paths, so few are read at a time, and others get their turn between.
   */
  async *contexts(verdictId: string): AsyncGenerator<StoredContext> {
    const of = build.selectFrom('verdict_contexts').where('verdict_id', '=', verdictId);
    const own = of.select('id');
    const [first] = await this.#database.read(own.orderBy('id', 'asc').limit(1).compile());
    const newest = await this.#database.read(
      own
        .orderBy('id', 'desc')
        .limit(MAX_CONTEXTS - 1)
        .compile(),
    );
    const rows = first && newest.every(({ id }) => id !== first.id) ? [...newest, first] : newest;
    const ids = rows.map(({ id }) => id).toReversed();
    for (let at = 0; at < ids.length; at += CONTEXTS_AT_ONCE) {
      const some = of.select(['at_epoch_ms', 'context']).where('id', 'in', ids.slice(at, at + CONTEXTS_AT_ONCE));
      for (const { at_epoch_ms, context } of await this.#database.read(some.orderBy('id', 'asc').compile())) {
        yield { atEpochMs: at_epoch_ms, context: parseJson(context) };
      }
    }
  }

  /** Keeps minutes, all or none; one of the same key, direction and start replaces the one before. */
  async putMedia(minutes: readonly MediaMinute[]): Promise<void> {
    await this.#database.write(
      minutes.map((minute) =>
        build
          .insertInto('media_minutes')
          .values({
            media_key: minute.mediaKey,
            source: minute.source,
            direction: minute.direction,
            start_epoch_ms: wholeMs(minute.startEpochMs),
            sent: minute.sent,
            lost: minute.lost,
            intervals: minute.intervals,
            lost_squares: minute.lostSquares,
          })
          .onConflict((conflict) =>
            conflict.columns(['media_key', 'direction', 'start_epoch_ms']).doUpdateSet((row) => ({
              source: row.ref('excluded.source'),
              sent: row.ref('excluded.sent'),
              lost: row.ref('excluded.lost'),
              intervals: row.ref('excluded.intervals'),
              lost_squares: row.ref('excluded.lost_squares'),
            })),
          )
          .compile(),
      ),
    );
  }

  /** Minutes of one key that began in `[from, to)`, oldest first, both directions. */
  async media(mediaKey: string, fromEpochMs: number, toEpochMs: number): Promise<readonly MediaMinute[]> {
    const rows = await this.#database.read(
      build
        .selectFrom('media_minutes')
        .selectAll()
        .where('media_key', '=', mediaKey)
        .where('start_epoch_ms', '>=', wholeMs(fromEpochMs))
        .where('start_epoch_ms', '<', wholeMs(toEpochMs))
        .orderBy('start_epoch_ms')
        .limit(2 * MAX_MEDIA_MINUTES)
        .compile(),
    );
    return rows.map((row) => ({
      mediaKey: row.media_key,
      source: row.source,
      direction: row.direction,
      startEpochMs: row.start_epoch_ms,
      sent: row.sent,
      lost: row.lost,
      intervals: row.intervals,
      lostSquares: row.lost_squares,
    }));
  }
}
