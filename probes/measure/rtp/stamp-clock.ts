import type { ClockReading } from '../../../wire/measurement.ts';
import type { Correction } from './mesh-sender-state.ts';

/**
 * How far the wall clock is ahead of a steady one. The wall clock is read in whole milliseconds, cut off; so the largest
 * difference seen over many readings comes near the true one from below.
 */
export type WallEstimate = { readonly sinceMs: number; readonly currentMs: number; readonly previousMs: number };

const WINDOW_MS = 2000;
/** What is left between the largest difference and the true one, with some 50 readings a second. */
const READING_ERROR_MS = 0.1;

/** Takes in one pair of readings. A step of the wall clock shows within two windows of 2 s. */
export function addReading(
  estimate: WallEstimate | undefined,
  { steadyMs, wallEpochMs }: { readonly steadyMs: number; readonly wallEpochMs: number },
): WallEstimate {
  const aheadMs = wallEpochMs - steadyMs;
  if (!estimate) return { sinceMs: steadyMs, currentMs: aheadMs, previousMs: aheadMs };
  if (steadyMs - estimate.sinceMs >= WINDOW_MS) {
    return { sinceMs: steadyMs, currentMs: aheadMs, previousMs: estimate.currentMs };
  }
  return { ...estimate, currentMs: Math.max(estimate.currentMs, aheadMs) };
}

/**
 * What makes true time out of the steady clock.
 *
 * @returns `undefined` where nothing disciplines the host's clock: no one-way delay is better than a wrong one.
 */
export function correctionOf(estimate: WallEstimate | undefined, reading: ClockReading | undefined): Correction {
  if (!estimate || !reading?.isSynchronised) return undefined;
  const aheadMs = Math.max(estimate.currentMs, estimate.previousMs);
  return { correctionMs: aheadMs - reading.offsetMs, errorMs: reading.errorMs + READING_ERROR_MS };
}
