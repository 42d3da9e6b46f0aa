import { plural } from '../format.ts';
import { byId, h, setText } from './dom.ts';
import { patch } from './patch.ts';
import { clock } from './pieces.ts';
import type { Scene } from './scene.ts';

/** Draws the journal's newest lines; the filter field narrows them by any word of theirs. */
export function drawJournal({ state, nowEpochMs }: Scene): void {
  const words = byId('journal-filter', HTMLInputElement).value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
  const entries = state.journal.filter(({ kind, actor, sentence }) => fits(`${kind} ${actor} ${sentence}`));
  const lines = entries.map((entry) =>
    h(
      'li',
      { 'data-key': entry.id },
      clock(entry.atEpochMs, nowEpochMs),
      h('span', { class: 'kind' }, entry.kind),
      h('span', { class: 'say' }, entry.sentence),
      h('span', { class: 'actor' }, entry.actor),
    ),
  );
  const none = lines.length === 0 ? [h('li', { class: 'empty' }, 'Nothing here.')] : lines;
  patch(byId('journal-list', HTMLElement), none);
  setText(byId('journal-count', HTMLElement), `newest ${plural(state.journal.length, 'entry', 'entries')}`);
}
