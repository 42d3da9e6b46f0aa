import type { LiveChange } from '../../wire/live.ts';
import { changeKey } from './live-feed.ts';

/** What views were last told of each thing, as text by its key. */
export type ToldTable = Map<string, string>;

/** The change itself where it says something new of its thing, which is noted in `told` (changed in place); else nothing. */
export function news(told: ToldTable, change: LiveChange): readonly LiveChange[] {
  const key = changeKey(change);
  const text = JSON.stringify(change.value);
  if (told.get(key) === text) return [];
  told.set(key, text);
  return [change];
}
