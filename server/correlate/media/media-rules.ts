import type { ShiftRule } from '../shift/shift-rule.ts';

/** Jitter and delay variation of a report, milliseconds: less than 10 ms more is taken up by any jitter buffer. */
export const JITTER_RULE: ShiftRule = {
  leastShift: 10,
  leastRatio: 0.5,
  spreads: 3,
  leastSpread: 0.25,
  learnSamples: 12,
  staleMs: 120_000,
};

/** What a MOS lacks of 4.5: a drop by 0.3 is what listeners begin to tell apart. */
export const MOS_RULE: ShiftRule = {
  leastShift: 0.3,
  leastRatio: 0,
  spreads: 3,
  leastSpread: 0.02,
  learnSamples: 12,
  staleMs: 120_000,
};

/** A report on fewer packets says nothing: two seconds of speech. */
export const MIN_PACKETS = 100;
/** Reports of a mesh stream whose sender was later than this after its slots are about the sender, milliseconds. */
export const MAX_PACING_LATE_MS = 5;
/** Calls that must have shown a shift: one alone may be its own far end. */
export const MIN_LEGS = 2;
