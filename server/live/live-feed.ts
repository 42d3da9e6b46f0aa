import type { LiveChange, LiveDelta } from '../../wire/live.ts';

/** How many deltas are kept for views that come back after a break. */
export const KEPT_DELTAS = 240;

/** The numbered stream of changes that every view follows. Start with {@link newFeed}. */
export type LiveFeed = { readonly sequence: number; readonly kept: readonly LiveDelta[] };

/** A feed in which nothing has happened. */
export function newFeed(): LiveFeed {
  return { sequence: 0, kept: [] };
}

/**
 * Adds one delta. Of several changes to one thing only the last is kept; journal entries are all kept.
 *
 * @param atEpochMs - the hub's wall clock.
 */
export function addDelta(
  feed: LiveFeed,
  changes: readonly LiveChange[],
  atEpochMs: number,
): { readonly feed: LiveFeed; readonly delta: LiveDelta } {
  const latest = new Map<string, LiveChange>();
  for (const change of changes) {
    const key = changeKey(change);
    latest.delete(key);
    latest.set(key, change);
  }
  const sequence = feed.sequence + 1;
  const delta: LiveDelta = { type: 'delta', sequence, atEpochMs, changes: [...latest.values()] };
  return { feed: { sequence, kept: [...feed.kept.slice(1 - KEPT_DELTAS), delta] }, delta };
}

/**
 * What a view that has seen `sequence` still needs.
 *
 * @returns the missing deltas in order, or undefined where they are no longer kept: it needs a snapshot.
 */
export function missedSince(feed: LiveFeed, sequence: number): readonly LiveDelta[] | undefined {
  if (sequence === feed.sequence) return [];
  const oldest = feed.kept[0]?.sequence;
  if (sequence > feed.sequence || oldest === undefined || sequence < oldest - 1) return undefined;
  return feed.kept.filter((delta) => delta.sequence > sequence);
}

/** Names the thing that a change is about, gone or not; a journal entry only itself. */
export function changeKey(change: LiveChange): string {
  switch (change.kind) {
    case 'hub':
    case 'orders':
      return change.kind;
    case 'pbx':
      return `pbx ${change.value.pbx}`;
    case 'path':
      return `path ${change.value.key}`;
    case 'verdict':
      return `verdict ${change.value.verdictId}`;
    case 'route':
      return `route ${change.value.pbx} ${change.value.class}`;
    case 'journal':
      return `journal ${change.value.id}`;
    case 'gone': {
      const { value } = change;
      return value.of === 'path' ? `path ${value.key}` : `route ${value.pbx} ${value.class}`;
    }
    default:
      return change satisfies never;
  }
}
