import { wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { StoreDatabase } from './store-database.ts';

/** The fencing token: a number that only grows, taken anew by each hub that starts to lead. */
export class FenceStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /**
   * Takes the next token; on disk before it is returned.
   *
   * @param above - highest token seen elsewhere, such as in a probe's hello: after a database was lost or restored from
   * a backup, probes know higher tokens than it does, and would refuse its plans.
   * @returns 1 for a new database, else one more than the greater of the last token and `above`.
   * @throws StoreError `STORE_VALUE_REFUSED` or `STORE_CONSTRAINT` where that would pass 2^53 − 1.
   */
  async take(above = 0): Promise<number> {
    const takenAtEpochMs = wholeMs(this.#database.nowEpochMs());
    const first = above + 1;
    const [rows] = await this.#database.write([
      build
        .insertInto('hub_fence')
        .values({ id: 1, fence: first, taken_at_epoch_ms: takenAtEpochMs })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((row) => ({
            fence: row.fn<number>('max', [row('hub_fence.fence', '+', 1), row.val(first)]),
            taken_at_epoch_ms: takenAtEpochMs,
          })),
        )
        .returning('fence')
        .compile(),
    ]);
    const [row] = rows;
    if (!row) throw new Error('a fencing token came back empty');
    return row.fence;
  }

  /** The last token taken, or 0. */
  async current(): Promise<number> {
    const [row] = await this.#database.read(build.selectFrom('hub_fence').select('fence').compile());
    return row?.fence ?? 0;
  }
}
