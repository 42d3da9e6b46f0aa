import Type, { type Static } from 'typebox';
import { EpochMs } from '../../wire/identifiers.ts';

/** A while in which a probe was sick, hub time; the end is not in it, and may be yet to come. */
export const SickStretch = Type.Object({ sinceMs: EpochMs, untilMs: EpochMs }, { additionalProperties: false });
/** Static type of {@link SickStretch}. */
export type SickStretch = Static<typeof SickStretch>;

/** Calls are counted again for the last hour at a start of the hub. */
const KEPT_MS = 3_600_000;
/** The newest of more: one for every two minutes. */
const MAX_STRETCHES = 30;

/** A probe that was never sick. */
export const NEVER_SICK: readonly SickStretch[] = [];

/** Adds a stretch that ends no sooner than those before; one that begins before the last has ended goes on with it. */
export function addStretch(stretches: readonly SickStretch[], stretch: SickStretch): readonly SickStretch[] {
  const last = stretches.at(-1);
  const isOne = last !== undefined && stretch.sinceMs < last.untilMs;
  const before = isOne ? stretches.slice(0, -1) : stretches;
  const added = isOne ? { sinceMs: Math.min(last.sinceMs, stretch.sinceMs), untilMs: stretch.untilMs } : stretch;
  const kept = before.filter(({ untilMs }) => untilMs > stretch.untilMs - KEPT_MS);
  return [...kept, added].slice(-MAX_STRETCHES);
}

/** True for a time within one of the stretches. */
export function isWithin(stretches: readonly SickStretch[], atMs: number): boolean {
  return stretches.some(({ sinceMs, untilMs }) => atMs >= sinceMs && atMs < untilMs);
}
