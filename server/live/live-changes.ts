import type { LiveChange } from '../../wire/live.ts';

/** What views were last told of each thing, as text by its key. */
export type ToldTable = Map<string, string>;

/**
 * Keeps of everything that is shown only what says something new, and notes it in `told` (changed in place). What is shown no
 * more is forgotten, so that the table does not outgrow the picture.
 *
 * @param shown - the whole picture.
 * @param keyOf - names the thing a change is about, such as `path fra-1>a.a1`.
 */
export function onlyNew(
  told: ToldTable,
  shown: readonly LiveChange[],
  keyOf: (change: LiveChange) => string,
): readonly LiveChange[] {
  const gone = new Set(told.keys());
  const news = shown.filter((change) => {
    const key = keyOf(change);
    gone.delete(key);
    const text = JSON.stringify(change.value);
    if (told.get(key) === text) return false;
    told.set(key, text);
    return true;
  });
  for (const key of gone) told.delete(key);
  return news;
}
