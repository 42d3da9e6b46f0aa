/**
 * When a figure that rises with trouble counts as shifted away from its own baseline. All values in the unit of the figure:
 * milliseconds for round trips and jitter, points of MOS for what a MOS lacks.
 */
export type ShiftRule = {
  /** Least shift that matters. */
  readonly leastShift: number;
  /** And at least this share of the baseline's median. */
  readonly leastRatio: number;
  /** And at least so many of the baseline's own spreads (median absolute deviations). */
  readonly spreads: number;
  /** Spread below which a baseline is never taken to be. */
  readonly leastSpread: number;
  /** Samples that a baseline is first learnt from. */
  readonly learnSamples: number;
  /** Without a sample for so long nothing is said, milliseconds. */
  readonly staleMs: number;
};

/** Round trips: 10 ms, 5 %, three spreads; so 1 ms never alarms, and a path whose round trips scatter needs more. */
export const RTT_RULE: ShiftRule = {
  leastShift: 10,
  leastRatio: 0.05,
  spreads: 3,
  leastSpread: 0.25,
  learnSamples: 30,
  staleMs: 120_000,
};
