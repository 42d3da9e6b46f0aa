import type { PackKind } from './evidence-pack.ts';
import { type Markup, markup } from './markup.ts';
import { percent, table } from './page-tables.ts';

const NAMES: Readonly<Record<string, string>> = {
  icmp: 'ICMP echoes (an edge may rate-limit them: they name nobody alone)',
  mesh: 'RTP between our sites, packets',
  rtcp: 'Media of calls, packets by RTCP',
  calls: 'Calls, lost by 408, 500, 503 or 504',
};

/** What other kinds of evidence than SIP OPTIONS counted, as of the verdict's last word. */
export function kindTable(kinds: readonly PackKind[] | undefined): Markup {
  if (kinds === undefined || kinds.length === 0) {
    return markup`<p class="empty">No other kind of evidence lost anything that was counted, or none was counted.</p>`;
  }
  const rows = kinds.map(
    ({ isLossy, kind, lost, lostOutside, sent, sentOutside }) =>
      markup`<tr><th scope="row">${NAMES[kind] ?? kind}</th><td class="n">${share(lost, sent)}</td><td class="n">${share(lostOutside, sentOutside)}</td><td>${isLossy ? 'above its background' : 'not clearly above its background'}</td></tr>`,
  );
  return table('As the verdict last weighed them', ['Kind', 'Lost here', 'Lost elsewhere', 'Says'], rows);
}

function share(lost: number, sent: number): string {
  return sent === 0 ? 'not counted' : `${lost} of ${sent}, ${percent(lost / sent)}`;
}
