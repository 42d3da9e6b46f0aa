/** A span in which the file took no writes. */
export type Outage = {
  readonly sinceEpochMs: number;
  readonly reason: string;
  /** Writes refused in it. */
  readonly rejected: number;
  /** Writes kept in memory, to be written when it ends. */
  readonly buffered: number;
  /** Writes that found the buffer full: lost but for this number. */
  readonly overflowed: number;
};

/** State and counters of the writer; counters run from its start. */
export type WriteStatus = {
  readonly isWritable: boolean;
  readonly outage: Outage | undefined;
  readonly queued: number;
  readonly commits: number;
  readonly committedGroups: number;
  readonly refusedGroups: number;
  readonly outages: number;
};

/** What became of a write that must not be refused for the disk's sake. */
export type BufferedWrite<Rows> =
  | { readonly kind: 'written'; readonly rows: Rows }
  | { readonly kind: 'buffered' }
  | { readonly kind: 'overflowed' };
