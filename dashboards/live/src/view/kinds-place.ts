import type { LiveVerdict } from '../../../../wire/live.ts';
import { formatCount, formatPercent } from '../format.ts';
import { h } from './dom.ts';
import { table } from './pieces.ts';

type Kind = NonNullable<LiveVerdict['kinds']>[number];

/** What each kind counts, and whose word it is. */
const KINDS: Record<Kind['kind'], { readonly name: string; readonly ground: string }> = {
  icmp: {
    name: 'ICMP echoes',
    ground: 'echoes that the probes sent; an edge may rate-limit them, so they name nobody alone',
  },
  mesh: { name: 'Mesh packets', ground: 'packets of the streams between sites, counted at both ends' },
  rtcp: { name: 'Media of calls', ground: 'packets of calls, as Asterisk and the far ends report them by RTCP' },
  calls: {
    name: 'Calls',
    ground: 'calls at the trunks, lost by 408, 500, 503 or 504, as the probes heard of Asterisk',
  },
};

/** What other kinds of evidence than OPTIONS tell of a verdict, at its place and elsewhere; undefined where none lost anything. */
export function kindsPlace(kinds: LiveVerdict['kinds'], over: string): HTMLElement | undefined {
  if (kinds === undefined || kinds.length === 0) return undefined;
  const rows = kinds.map(({ isLossy, kind, lost, lostOutside, sent, sentOutside }) => {
    const { ground, name } = KINDS[kind];
    const title = `${ground}${over}`;
    return h(
      'tr',
      { 'data-key': kind },
      h('th', { scope: 'row' }, name),
      h('td', { class: 'number', title }, share(lost, sent)),
      h('td', { class: 'number', title }, share(lostOutside, sentOutside)),
      h('td', { title }, isLossy ? 'above its background' : 'not clearly above its background'),
    );
  });
  return h(
    'div',
    { 'data-part': 'kinds' },
    table('Other evidence', ['Kind', 'Lost here', 'Lost elsewhere', 'Says'], rows),
  );
}

function share(lost: number, sent: number): string {
  return sent === 0 ? 'not counted' : `${formatCount(lost)} of ${formatCount(sent)}, ${formatPercent(lost / sent)}`;
}
