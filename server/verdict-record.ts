import { placeKey } from './correlate/places.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { VerdictEffect } from './correlate/verdict-effect.ts';

/** An unchanged verdict's row is written again at most once in so long. */
export const ROW_EVERY_MS = 10_000;

/** Evidence of a verdict that stays the same is kept at most once in so long. */
export const EVIDENCE_EVERY_MS = 300_000;

/** What was last written of a verdict. Times are hub time. */
export type VerdictWritten = {
  readonly certainty: Verdict['certainty'];
  readonly placeKey: string;
  /** Every witness that its kept evidence knows. */
  readonly witnesses: ReadonlySet<string>;
  readonly rowAtMs: number;
  readonly evidenceAtMs: number;
};

/** What to write of a verdict now: nothing, its row, or its row with a snapshot of its evidence. */
export type VerdictWrite = {
  readonly kind: 'nothing' | 'row' | 'row-and-evidence';
  readonly written: VerdictWritten;
};

/**
 * Decides what of a verdict goes to disk. Its figures change with every pass; kept are the openings and ends, changes of
 * certainty and place, each witness that is new to it, and besides a look every five minutes.
 *
 * @param before - what was last written; undefined when nothing was in this life of the hub.
 */
export function verdictWrite(before: VerdictWritten | undefined, effect: VerdictEffect, nowMs: number): VerdictWrite {
  const { kind, verdict } = effect;
  const { certainty, witnesses } = verdict;
  const key = [placeKey(verdict.place), ...verdict.group.map(placeKey).toSorted()].join(' ');
  const isNews =
    before === undefined ||
    kind !== 'verdict-updated' ||
    certainty !== before.certainty ||
    key !== before.placeKey ||
    witnesses.some((witness) => !before.witnesses.has(witness)) ||
    nowMs - before.evidenceAtMs >= EVIDENCE_EVERY_MS;
  if (isNews) {
    const known = new Set([...(before?.witnesses ?? []), ...witnesses]);
    const written = { certainty, placeKey: key, witnesses: known, rowAtMs: nowMs, evidenceAtMs: nowMs };
    return { kind: 'row-and-evidence', written };
  }
  if (nowMs - before.rowAtMs < ROW_EVERY_MS) return { kind: 'nothing', written: before };
  return { kind: 'row', written: { ...before, rowAtMs: nowMs } };
}
