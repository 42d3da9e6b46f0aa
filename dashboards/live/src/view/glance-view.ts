import { formatClock, formatCount, formatDuration } from '../format.ts';
import { glance } from '../glance.ts';
import { stopText } from '../order-look.ts';
import { STATE_LOOKS } from '../path-look.ts';
import { type FleetSentence, fleetSentence, staleSentence } from '../sentence.ts';
import { isRoutingStopped } from '../state.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { patch } from './patch.ts';
import type { Scene } from './scene.ts';

const TONE_GLYPHS = { good: '✓', warn: '▲', bad: '✕', unknown: '?', info: 'i', quiet: '·' } as const;

/** The sentence that holds at this instant: what the state says, unless the page is stale. */
export function sentenceNow(scene: Scene): FleetSentence {
  const sentence = fleetSentence(scene.state.hub, scene.tally, scene.state.orders?.routingStop.isStopped);
  if (scene.freshness.kind !== 'stale') return sentence;
  return staleSentence(sentence, formatClock(scene.state.atEpochMs, scene.nowEpochMs));
}

/** Draws the sentence, the four answers, and the sign in the window's title. */
export function drawGlance(scene: Scene): void {
  const sentence = sentenceNow(scene);
  const box = byId('glance', HTMLElement);
  setAttribute(box, 'data-tone', sentence.tone);
  setText(byId('sentence-glyph', HTMLElement), TONE_GLYPHS[sentence.tone]);
  setText(byId('sentence', HTMLElement), sentence.headline);
  setText(byId('clauses', HTMLElement), sentence.clauses.join(' '));
  const title = `${TONE_GLYPHS[sentence.tone]} ${sentence.headline} Trunkward`;
  if (document.title !== title) document.title = title;
  const { hub } = scene.state;
  const acting = hub && { ...hub, isStopped: isRoutingStopped(scene.state) };
  const answers = glance(acting, scene.tally).map(({ question, answer, note, tone, href }) =>
    h(
      'a',
      { class: 'answer', 'data-tone': tone, href },
      h('span', { class: 'question' }, question),
      h('span', { class: 'glyph', 'aria-hidden': 'true' }, TONE_GLYPHS[tone]),
      h('strong', {}, answer),
      h('span', { class: 'note' }, note),
    ),
  );
  patch(byId('answers', HTMLElement), scene.state.hub === undefined ? [] : answers);
}

/** Draws the header's signs: mode, stop switch, journal, freshness, and the banner of a stale page. */
export function drawHeader(scene: Scene): void {
  const { hub, orders } = scene.state;
  const { freshness } = scene;
  document.body.dataset['freshness'] = freshness.kind;
  const silent = freshness.kind === 'waiting' ? 0 : freshness.silentForMs;
  const word = { waiting: 'connecting', live: 'live', stale: 'STALE' }[freshness.kind];
  const badges = [
    hub?.isStopped
      ? h(
          'span',
          { class: 'badge', 'data-tone': 'bad', title: 'Global stop switch: nothing is changed anywhere' },
          '■ STOPPED',
        )
      : undefined,
    orders?.routingStop.isStopped
      ? h(
          'span',
          { class: 'badge', 'data-tone': 'bad', title: stopText(false, orders.routingStop)?.why },
          '■ ROUTING STOPPED',
        )
      : undefined,
    hub === undefined ? undefined : modeBadge(hub.fleetRoutingMode),
    hub === undefined || hub.isJournalWritable
      ? undefined
      : h('span', { class: 'badge', 'data-tone': 'bad' }, '✕ journal not writable'),
    h(
      'span',
      {
        class: 'badge pill',
        'data-tone': freshness.kind === 'live' ? 'good' : 'unknown',
        title: 'Time since the hub’s last message',
      },
      `${freshness.kind === 'live' ? '●' : '?'} ${word}`,
      freshness.kind === 'waiting' ? undefined : h('span', { class: 'age' }, ` ${formatDuration(silent)}`),
    ),
  ];
  patch(byId('badges', HTMLElement), badges);
  byId('stale', HTMLElement).hidden = freshness.kind !== 'stale';
  setText(byId('stale-for', HTMLElement), formatDuration(silent));
  setText(byId('stale-at', HTMLElement), formatClock(scene.state.atEpochMs, scene.nowEpochMs));
}

function modeBadge(mode: 'observe' | 'enforce'): HTMLElement {
  return mode === 'enforce'
    ? h(
        'span',
        { class: 'badge', 'data-tone': 'good', title: 'Routing acts: plans are written to Asterisk' },
        '▶ ENFORCE',
      )
    : h(
        'span',
        { class: 'badge', 'data-tone': 'info', title: 'Routing proposes only: nothing is changed in Asterisk' },
        '◇ OBSERVE',
        h('span', { class: 'wide-only' }, ' proposes only'),
      );
}

/** Draws the counts of path states under the matrix's heading; each leads to the list of its paths. */
export function drawLegend({ tally }: Scene): void {
  const items = Object.entries(STATE_LOOKS).map(([state, look]) =>
    h(
      'a',
      {
        class: 'chip',
        'data-tone': look.tone,
        'data-state': state,
        'data-count': tally.paths[state as keyof typeof STATE_LOOKS],
        href: `#/state/${state}`,
        title: look.meaning,
      },
      h('span', { class: 'glyph', 'aria-hidden': 'true' }, look.glyph),
      `${formatCount(tally.paths[state as keyof typeof STATE_LOOKS])} ${look.word}`,
    ),
  );
  patch(byId('legend', HTMLElement), items);
}
