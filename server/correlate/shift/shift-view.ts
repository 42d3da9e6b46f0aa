import type { PathEvidence } from '../path-evidence.ts';
import type { PathShift } from '../verdict.ts';
import type { LaneSays } from './shift-book.ts';

/** What a pass may ask of the figures behind one symptom; asked during one pass only. */
export type ShiftView = {
  readonly symptom: 'latency' | 'media';
  /** Anything at all that is still measured is shifted; while nothing is and no verdict is open, a pass asks no further. */
  readonly isAnyShifted: (nowMs: number) => boolean;
  /** How a path is now; `none` where nothing may be said of it (safety rules 1 and 2). */
  readonly says: (path: PathEvidence, nowMs: number) => LaneSays;
  /** The same, from samples after `sinceMs` (hub time) alone. */
  readonly saysSince: (path: PathEvidence, sinceMs: number, nowMs: number) => LaneSays;
  /** Every figure of a path beside its baseline, the shifted ones first. */
  readonly figures: (path: PathEvidence, nowMs: number) => readonly PathShift[];
  /** A shift of this path became its baseline after `sinceMs`. */
  readonly isSettledSince: (path: PathEvidence, sinceMs: number) => boolean;
};

/** One answer of two figures of the same path: shifted or clean where one says so and the other does not say the opposite. */
export function together(one: LaneSays, other: LaneSays): LaneSays {
  if (one.kind === 'none') return other;
  if (other.kind === 'none') return one;
  if (one.kind === 'unsure') return other.kind === 'clean' ? one : other;
  if (other.kind === 'unsure') return one.kind === 'clean' ? other : one;
  if (one.kind !== 'shifted') return other.kind === 'shifted' ? { ...other, kind: 'unsure' } : one;
  if (other.kind !== 'shifted') return { ...one, kind: 'unsure' };
  return { kind: 'shifted', sinceMs: Math.min(one.sinceMs, other.sinceMs) };
}
