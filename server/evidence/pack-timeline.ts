import type { PackEvent } from './evidence-pack.ts';
import { type KeptVerdict, placesOf, placeText } from './kept-verdict.ts';
import type { JournalLine } from './pack-input.ts';
import type { ContextPath } from './verdict-context.ts';

/** Kinds of the journal that say how a verdict is made in words: no number of a caller can be in them. */
export const OWN_WORDS: ReadonlySet<string> = new Set(['verdict-opened', 'verdict-cleared', 'judged', 'first-loss']);

/** Kinds that repeat, plan by plan, what a flip has said. */
const PASSED_OVER: ReadonlySet<string> = new Set(['plan-issued', 'plan-applied']);

/**
 * What happened around a verdict, oldest first: the lines of the journal that concern it, and each time that its certainty or
 * place changed.
 *
 * @param snapshots - the verdict as it was each time it was judged anew, oldest first.
 */
export function packTimeline(
  verdict: KeptVerdict,
  snapshots: readonly KeptVerdict[],
  paths: ReadonlyMap<string, ContextPath>,
  journal: readonly JournalLine[],
  firstLossAtEpochMs: number | undefined,
): readonly PackEvent[] {
  const concerns = concernOf(verdict, paths);
  const told = journal
    .filter(concerns)
    .map(({ actor, atEpochMs, kind, sentence }) => ({ atEpochMs, kind, actor, sentence }));
  const sentence = 'first minute on record in which these paths clearly lost more than 1 %';
  const began =
    firstLossAtEpochMs === undefined
      ? []
      : [{ atEpochMs: firstLossAtEpochMs, kind: 'first-loss', actor: 'hub', sentence }];
  return [...began, ...told, ...changes(snapshots)].toSorted((one, other) => one.atEpochMs - other.atEpochMs);
}

function concernOf(verdict: KeptVerdict, paths: ReadonlyMap<string, ContextPath>): (line: JournalLine) => boolean {
  const inside = [...paths.values()].filter(({ role }) => role === 'inside');
  const pbxes = new Set(inside.map(({ pbx }) => pbx));
  const trunks = new Set(inside.flatMap(({ trunk }) => trunk ?? []));
  const sites = new Set(placesOf(verdict).flatMap(({ site }) => (typeof site === 'string' ? site : [])));
  const providers = new Set(inside.flatMap(({ provider }) => provider ?? []));
  return ({ detail, kind, scope }) => {
    const id = typeof detail === 'object' && detail !== null && 'verdictId' in detail ? detail.verdictId : undefined;
    if (id !== undefined) return id === verdict.verdictId;
    if (PASSED_OVER.has(kind)) return false;
    if (kind === 'hub-started') return true;
    return (
      (scope.pbx !== undefined && pbxes.has(scope.pbx)) ||
      (scope.trunk !== undefined && trunks.has(scope.trunk)) ||
      (scope.provider !== undefined && providers.has(scope.provider)) ||
      (scope.site !== undefined && sites.has(scope.site))
    );
  };
}

function changes(snapshots: readonly KeptVerdict[]): readonly PackEvent[] {
  return snapshots.flatMap((snapshot, at): PackEvent[] => {
    const before = snapshots[at - 1];
    if (before === undefined || snapshot.clearedAtMs !== undefined || wordOf(before) === wordOf(snapshot)) return [];
    const sentence = `from ${wordOf(before)} to ${wordOf(snapshot)}: ${snapshot.sentence}`;
    return [{ atEpochMs: snapshot.updatedAtMs, kind: 'judged', actor: 'hub', sentence }];
  });
}

function wordOf(verdict: KeptVerdict): string {
  return `${verdict.certainty} ${placesOf(verdict).map(placeText).join(' or ')}`;
}
