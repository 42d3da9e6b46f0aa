/** No codec sends more often than every 5 ms. */
const MAX_PACKETS_PER_MS = 0.2;

/** How many packets one side has sent by its own last sender report, and how fast it goes on. */
export type SenderCount = {
  readonly packets: number;
  readonly atMs: number;
  /** Undefined while it cannot be told. */
  readonly packetsPerMs: number | undefined;
};

/**
 * Folds in a report of that side.
 *
 * @param packets - its count; undefined in a receiver report, which says that it sends nothing now.
 * @param beganAtMs - when it began to count, where that is known: the first report alone then tells how fast it goes.
 */
export function foldSenderCount(
  count: SenderCount | undefined,
  packets: number | undefined,
  atMs: number,
  beganAtMs: number | undefined,
): SenderCount | undefined {
  if (packets === undefined) return count && { ...count, atMs, packetsPerMs: 0 };
  const before = count ?? (beganAtMs === undefined ? undefined : { packets: 0, atMs: beganAtMs });
  const packetsPerMs = before === undefined ? Number.NaN : (packets - before.packets) / (atMs - before.atMs);
  const isPlausible = packetsPerMs >= 0 && packetsPerMs <= MAX_PACKETS_PER_MS;
  return { packets, atMs, packetsPerMs: isPlausible ? packetsPerMs : undefined };
}

/**
 * The count at a moment between two reports, whole. Both sides report at times of their own: without this, a count would be
 * up to an interval old, and a different one at each report.
 *
 * @returns undefined while it is not known how fast it goes.
 */
export function packetsAt(count: SenderCount | undefined, atMs: number): number | undefined {
  if (count?.packetsPerMs === undefined) return undefined;
  return Math.round(count.packets + count.packetsPerMs * Math.max(0, atMs - count.atMs));
}
