/** Bounds of the writer. */
export type WriteLimits = {
  /** Longest wait of a write for company in its transaction, milliseconds. */
  readonly groupDelayMs: number;
  /** Most groups in one transaction. */
  readonly groupItems: number;
  /** Most groups waiting; further writes are refused with `STORE_QUEUE_FULL`. */
  readonly queueItems: number;
  /** Most characters of text waiting in parameters; as `queueItems`. */
  readonly queueCharacters: number;
  /** Most groups kept in memory while the disk takes no writes; beyond it they are only counted. */
  readonly bufferItems: number;
  /** Most characters of text so kept; as `bufferItems`. */
  readonly bufferCharacters: number;
  /** First and longest wait between two attempts to write again, milliseconds. */
  readonly retryFirstMs: number;
  readonly retryLongestMs: number;
};

/** Limits for a hub of some thousand PBXs. */
export const WRITE_LIMITS: WriteLimits = {
  groupDelayMs: 5,
  groupItems: 500,
  queueItems: 20_000,
  queueCharacters: 67_108_864,
  bufferItems: 1000,
  bufferCharacters: 8_388_608,
  retryFirstMs: 250,
  retryLongestMs: 10_000,
};

/**
 * Wait before the next attempt to write again: doubles from the first wait to the longest.
 *
 * @param attempts - attempts that have failed since the disk refused, 0 before the first.
 */
export function retryDelayMs(attempts: number, limits: WriteLimits): number {
  return Math.min(limits.retryLongestMs, limits.retryFirstMs * 2 ** Math.min(attempts, 30));
}
