import type { ShownHop, ShownTrace, TraceList } from '../../../../wire/traces.ts';
import { formatClock, formatCount, formatUtc } from '../format.ts';
import { hopLoss, hopRtts, traceLook } from '../trace-look.ts';
import { AskingView, openedKeys } from './asking-view.ts';
import { h } from './dom.ts';
import { patch } from './patch.ts';
import { chip, table } from './pieces.ts';

const HEADS = ['Hop, and what its loss means', 'n', 'Lost (95 % interval)', 'RTT best / mean / worst'] as const;

/** Whose traces a panel shows. */
export type TracedThing =
  | { readonly kind: 'path'; readonly key: string }
  | { readonly kind: 'verdict'; readonly id: string };

/** The traces in an open panel, newest first. */
export function tracesView(token: () => string | undefined): AskingView<TraceList> {
  return new AskingView({
    token,
    question: (subject) => {
      const [kind = '', name = ''] = splitOnce(subject);
      return { path: 'api/v1/traces', query: kind === 'verdict' ? { verdict: name } : { key: name } };
    },
    draw: drawTraces,
    unknown: 'The hub has no traces of it.',
  });
}

/** The place in a panel that {@link tracesView} fills. */
export function tracesPlace(thing: TracedThing): HTMLElement {
  const subject = thing.kind === 'path' ? `path ${thing.key}` : `verdict ${thing.id}`;
  return h('div', {
    id: 'traces',
    class: 'figure-list',
    'data-opaque': true,
    'data-key': `traces ${subject}`,
    'data-subject': subject,
  });
}

function splitOnce(subject: string): readonly string[] {
  const at = subject.indexOf(' ');
  return [subject.slice(0, at), subject.slice(at + 1)];
}

function drawTraces(host: HTMLElement, { items }: TraceList): void {
  const isFirst = host.querySelector('details') === null;
  const opened = openedKeys(host);
  const rows = items.map((trace, at) => {
    const key = `${trace.pbx}>${trace.target} ${trace.endedAtEpochMs}`;
    return row(key, trace, isFirst ? at === 0 : opened.has(key));
  });
  patch(host, rows.length > 0 ? rows : [h('p', { class: 'empty' }, 'No trace was made of late.')]);
}

function row(key: string, trace: ShownTrace, isOpen: boolean): HTMLElement {
  const { endedAtEpochMs, hops, pbx, probe, sentence, source, target } = trace;
  return h(
    'details',
    { class: 'figure-row trace', 'data-key': key, open: isOpen },
    h(
      'summary',
      {},
      h('span', { class: 'name' }, `${pbx} → ${target}`),
      chip(traceLook(trace)),
      h('time', { title: formatUtc(endedAtEpochMs) }, formatClock(endedAtEpochMs, endedAtEpochMs)),
    ),
    h('p', { class: 'say' }, `${sentence}.`),
    hops.length === 0 ? undefined : table(`Hops from ${pbx} to ${target}`, HEADS, hops.map(hopRow)),
    h(
      'p',
      { class: 'meta' },
      `Made by ${probe === undefined ? `the probe of ${pbx}` : `probe ${probe}`}. Source: ${source}.`,
    ),
  );
}

function hopRow(hop: ShownHop): HTMLElement {
  const remark = hop.remark === '' ? undefined : h('span', { class: 'stands-on' }, hop.remark);
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, `${hop.hop} ${hop.address ?? '???'}`, remark),
    h('td', { class: 'number' }, formatCount(hop.sent)),
    h('td', { class: 'number' }, hopLoss(hop)),
    h('td', { class: 'number' }, hopRtts(hop).join(' / ')),
  );
}
