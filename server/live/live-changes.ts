import type { LiveChange } from '../../wire/live.ts';

/** What views were last told of each thing, as text by its key. */
export type ToldTable = Map<string, string>;

/**
 * Keeps of `changes` only those that say something new, and notes them in `told` (changed in place).
 *
 * @param keyOf - names the thing a change is about, such as `path fra-1>a.a1`.
 */
export function onlyNew(
  told: ToldTable,
  changes: readonly LiveChange[],
  keyOf: (change: LiveChange) => string,
): readonly LiveChange[] {
  return changes.filter((change) => {
    const key = keyOf(change);
    const text = JSON.stringify(change.value);
    if (told.get(key) === text) return false;
    told.set(key, text);
    return true;
  });
}
