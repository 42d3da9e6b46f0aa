import type { LiveVerdict } from '../../../../wire/live.ts';
import { formatDeepLink } from '../deep-link.ts';
import { formatCount, formatPercent, formatWindow, plural } from '../format.ts';
import type { Tone } from '../path-look.ts';
import { placeInWords } from '../sentence.ts';
import { isFault } from '../tally.ts';
import { byId, h } from './dom.ts';
import { patch } from './patch.ts';
import { age, chip, clock } from './pieces.ts';
import type { Scene } from './scene.ts';
import { began, timesReopened } from './verdict-life.ts';

const CLEARED_SHOWN_MS = 900_000;

/** Sign of a verdict's certainty; a cleared one is over, a limit of measurement is no fault. */
export function certaintyLook(verdict: LiveVerdict): { glyph: string; word: string; tone: Tone } {
  if (verdict.clearedAtEpochMs !== undefined) return { glyph: '✓', word: 'cleared', tone: 'unknown' };
  if (!isFault(verdict)) return { glyph: 'i', word: verdict.certainty, tone: 'info' };
  return {
    named: { glyph: '✕', word: 'named', tone: 'bad' as const },
    ambiguous: { glyph: '▲', word: 'ambiguous', tone: 'warn' as const },
    suspect: { glyph: '▲', word: 'suspect, not proven', tone: 'warn' as const },
  }[verdict.certainty];
}

/** A labelled bar of a probability. The figure stands beside it in text; `ground` is shown where one points at it. */
export function posteriorBar(label: string, posterior: number, ground?: string): HTMLElement {
  return h(
    'div',
    { class: 'posterior', title: ground },
    h('span', { class: 'posterior-label' }, label),
    h('meter', { min: 0, max: 1, value: posterior, 'aria-label': `probability of ${label}` }),
    h('span', { class: 'posterior-value' }, formatPercent(posterior)),
  );
}

/** What the probabilities of a verdict stand on: n, window and source. */
export function posteriorGround(verdict: LiveVerdict): string {
  const { evidence, windowMs } = verdict;
  if (evidence === undefined) return 'The hub sent no counts with this verdict.';
  const sent = evidence.reduce((sum, path) => sum + path.sent, 0);
  const over = windowMs === undefined ? '' : ` in ${formatWindow(windowMs)}`;
  const what = `n = ${formatCount(sent)} attempts on ${plural(evidence.length, 'path')}${over}`;
  return isFault(verdict)
    ? `Probability by the hub's model of places, from ${what}.`
    : `A plain observation of the hub, from ${what}.`;
}

/** Draws the open verdicts as cards, most urgent first, and those cleared in the last quarter of an hour as lines. */
export function drawVerdicts({ tally, nowEpochMs }: Scene): void {
  const cleared = tally.clearedVerdicts.filter(
    (verdict) => nowEpochMs - (verdict.clearedAtEpochMs ?? 0) < CLEARED_SHOWN_MS,
  );
  const open = tally.openVerdicts.map((verdict) => card(verdict, nowEpochMs));
  const none = open.length === 0 ? h('p', { class: 'empty' }, 'No open verdict.') : undefined;
  patch(byId('verdict-list', HTMLElement), [
    none,
    ...open,
    ...cleared.map((verdict) => clearedLine(verdict, nowEpochMs)),
  ]);
  patch(byId('verdict-count', HTMLElement), [document.createTextNode(plural(open.length, 'open verdict'))]);
}

function card(verdict: LiveVerdict, nowEpochMs: number): HTMLElement {
  const look = certaintyLook(verdict);
  const href = formatDeepLink({ kind: 'verdict', id: verdict.verdictId });
  return h(
    'article',
    { class: 'card', 'data-key': verdict.verdictId, 'data-tone': look.tone },
    h('header', {}, h('h3', {}, h('a', { href }, placeInWords(verdict))), chip(look)),
    h('p', { class: 'say' }, verdict.sentence),
    posteriorBar(verdict.place, verdict.posterior, posteriorGround(verdict)),
    verdict.runnerUp === undefined
      ? undefined
      : posteriorBar(verdict.runnerUp.place, verdict.runnerUp.posterior, posteriorGround(verdict)),
    h(
      'p',
      { class: 'meta' },
      h('span', {}, `${verdict.symptom}, direction ${verdict.direction}`),
      h('span', { title: verdict.witnesses.join(', ') }, `seen by ${plural(verdict.witnesses.length, 'PBX', 'PBXs')}`),
      h('span', {}, 'began ', ...began(verdict, nowEpochMs)),
      h('span', {}, 'open for ', age(verdict.openedAtEpochMs, nowEpochMs)),
      (verdict.reopenings ?? 0) > 0 ? h('span', {}, `reopened ${timesReopened(verdict.reopenings ?? 0)}`) : undefined,
    ),
  );
}

function clearedLine(verdict: LiveVerdict, nowEpochMs: number): HTMLElement {
  const href = formatDeepLink({ kind: 'verdict', id: verdict.verdictId });
  const at = verdict.clearedAtEpochMs ?? nowEpochMs;
  return h(
    'p',
    { class: 'cleared', 'data-key': verdict.verdictId },
    chip(certaintyLook(verdict)),
    h('a', { href }, placeInWords(verdict)),
    h('span', {}, 'at ', clock(at, nowEpochMs)),
  );
}
