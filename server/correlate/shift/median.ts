import { wilsonInterval } from '../../paths/wilson.ts';

/** The middle value, or the mean of the two; 0 of none. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
}

/** Median absolute deviation from a median, not scaled to a standard deviation; 0 of none. */
export function spreadOf(values: readonly number[], median: number): number {
  return medianOf(values.map((value) => Math.abs(value - median)));
}

/**
 * A median with its 95 % interval, which holds whatever the values are spread like: the order statistics whose ranks bound a share
 * of one half by Wilson's score.
 *
 * @returns undefined of none.
 * @see R. Fontugne et al., IMC 2017, §4.2.2.
 */
export function medianWithInterval(
  values: readonly number[],
): { readonly median: number; readonly low: number; readonly high: number } | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((one, other) => one - other);
  const { highRatio, lowRatio } = wilsonInterval({ sent: sorted.length, lost: sorted.length / 2 });
  const at = (rank: number) => sorted[Math.max(0, Math.min(sorted.length - 1, rank))] ?? 0;
  return {
    median: medianOf(sorted),
    low: at(Math.floor(lowRatio * sorted.length)),
    high: at(Math.ceil(highRatio * sorted.length) - 1),
  };
}
