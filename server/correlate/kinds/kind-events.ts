import type { EventCounts } from '../path-evidence.ts';
import type { OtherKind } from './evidence-kinds.ts';

/** Loss of one kind: `events` of `trials`, of the kind's weight, so they need not be whole. */
export type KindCount = { readonly events: number; readonly trials: number };

/** The same of one path, with what was counted: echoes, packets or calls. */
export type PathKindCount = KindCount & { readonly sent: number; readonly lost: number };

/** What one kind tells of the paths of a window. A path without figures of it is left out: it contributes nothing (safety rule 2). */
export type KindEvents = {
  readonly kind: OtherKind;
  /** By index into the paths of the space. */
  readonly ofPath: ReadonlyMap<number, PathKindCount>;
};

/** The figures of one window: OPTIONS of every path in the order of the space, and what the other kinds tell of some. */
export type WindowEvents = { readonly options: readonly EventCounts[]; readonly kinds: readonly KindEvents[] };

/** Nothing counted. */
export const NO_COUNT: PathKindCount = { events: 0, trials: 0, sent: 0, lost: 0 };

/** Two counts together. */
export function together(one: PathKindCount, other: PathKindCount): PathKindCount {
  return {
    events: one.events + other.events,
    trials: one.trials + other.trials,
    sent: one.sent + other.sent,
    lost: one.lost + other.lost,
  };
}

/** What one kind tells of some paths together. */
export function pooledKind({ ofPath }: KindEvents, pathIndices: readonly number[]): PathKindCount {
  return pathIndices.reduce((sum, path) => together(sum, ofPath.get(path) ?? NO_COUNT), NO_COUNT);
}
