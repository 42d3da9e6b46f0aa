const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;

/**
 * How long to wait before a connection is tried again: doubling from 0.5 s to 15 s, of which the upper half is chance,
 * so that many open pages do not come back to a restarted hub at one instant.
 *
 * @param failures - attempts that failed in a row, 1 for the first.
 * @param chance - uniform in [0, 1).
 */
export function reconnectDelayMs(failures: number, chance: number): number {
  const ceilingMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(10, Math.max(0, failures - 1)));
  return ceilingMs / 2 + (ceilingMs / 2) * chance;
}
