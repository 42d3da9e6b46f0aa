import type { LiveCost, LiveVerdict } from '../../../../wire/live.ts';
import { formatCount, formatUtc, plural } from '../format.ts';
import { h } from './dom.ts';
import { figure, table } from './pieces.ts';

/** What a verdict has touched and cost: the sentence of the hub, its figures, and a line for each class. */
export function costPlace(cost: LiveVerdict['cost']): HTMLElement {
  if (cost === undefined) return h('p', { class: 'empty' }, 'Not known: the hub sent no count with this verdict.');
  return h(
    'div',
    { 'data-part': 'cost', title: costGround(cost) },
    h('p', {}, cost.sentence),
    h('p', { class: 'meta' }, costGround(cost)),
    h(
      'dl',
      { class: 'figures' },
      ...figure('Touched', `${plural(cost.pbxes, 'PBX', 'PBXs')} at ${plural(cost.sites, 'site')}`),
      ...calls(cost),
      ...media(cost),
    ),
    cost.classes.length === 0 ? undefined : classes(cost),
  );
}

/** What the figures below it stand on: since when, and whose word. */
function costGround({ fromEpochMs }: LiveCost): string {
  return `calls at the touched trunks that ended since ${formatUtc(fromEpochMs)}, as each PBX's probe heard it of its Asterisk`;
}

function calls({ calls: counted, noCalls }: LiveCost): readonly HTMLElement[] {
  if (!counted) {
    const why = noCalls === 'no-trunk' ? 'no trunk is touched' : 'no Asterisk there was reached';
    return figure('Calls', 'no data', why);
  }
  const { attempted, failed, failedBy, givenUp, short, unknown } = counted;
  const by = failedBy.map((each) => `${each.calls} by ${each.by}`).join(', ');
  const gap = unknown > 0 ? `${unknown} more with an unknown outcome` : undefined;
  const of = `of ${formatCount(attempted)}`;
  return [
    ...figure('Calls ended', formatCount(attempted), gap),
    ...figure('Failed', formatCount(failed), by === '' ? of : `${by}; ${of}`),
    ...figure('Given up before ringing', formatCount(givenUp), of),
    ...figure('Answered under 6 s', formatCount(short), of),
  ];
}

function media({ calls: counted, media: heard }: LiveCost): readonly HTMLElement[] {
  if (!counted) return [];
  if (!heard) return figure('Bad media', 'no data', 'no media of calls were counted since the opening');
  return figure(
    'Bad media',
    `${heard.bad} of ${plural(heard.calls, 'call')}`,
    'more than 3 % lost one way, since the opening',
  );
}

function classes({ calls: counted, classes: rows }: LiveCost): HTMLElement {
  return table(
    'Classes touched',
    ['Class', 'Calls ended', 'Failed'],
    rows.map(({ attempted, class: name, failed }) =>
      h(
        'tr',
        { 'data-key': name },
        h('th', { scope: 'row' }, name),
        h('td', { class: 'number' }, counted ? formatCount(attempted) : 'no data'),
        h('td', { class: 'number' }, counted ? formatCount(failed) : 'no data'),
      ),
    ),
  );
}
