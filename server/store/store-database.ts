import type { AnyQuery, RowOf, RowsOf } from './query-builder.ts';
import type { BufferedWrite } from './write-status.ts';

/** What the stores of this folder stand on: typed reads, and writes that settle once they are on disk. */
export type StoreDatabase = {
  /** Wall clock of the hub, epoch milliseconds. */
  readonly nowEpochMs: () => number;
  /** Runs one SELECT; sees every write that has settled. */
  readonly read: <Query extends AnyQuery>(query: Query) => Promise<readonly RowOf<Query>[]>;
  /** Writes a group, all or none; throws at once where the group is not taken (bad value, outage, full queue). */
  readonly write: <const Group extends readonly AnyQuery[]>(group: Group) => Promise<RowsOf<Group>>;
  /** As `write`, and tried even while the disk takes no writes: deletions. */
  readonly trim: <const Group extends readonly AnyQuery[]>(group: Group) => Promise<RowsOf<Group>>;
  /** As `write`; during an outage `marked` is kept in memory in its place. */
  readonly writeOrBuffer: <const Group extends readonly AnyQuery[]>(
    group: Group,
    marked: readonly AnyQuery[],
  ) => Promise<BufferedWrite<RowsOf<Group>>>;
};
