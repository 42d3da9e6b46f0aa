import type { EvidencePack, PackVerdict } from './evidence-pack.ts';
import { type Markup, markup } from './markup.ts';
import { table, times } from './page-tables.ts';

/** When it began, with its interval. */
export function beganAt(verdict: PackVerdict, zone: string | undefined): Markup {
  const { sinceEpochMs, sinceHighEpochMs, sinceLowEpochMs } = verdict;
  if (sinceHighEpochMs === undefined) return markup`unknown`;
  const high = times(sinceHighEpochMs, zone);
  if (sinceEpochMs === undefined) return markup`before ${high}`;
  const low = sinceLowEpochMs === undefined ? markup`perhaps before anything counted` : times(sinceLowEpochMs, zone);
  return markup`${times(sinceEpochMs, zone)}<br>95 %: from ${low}<br>to ${high}`;
}

/** What is touched, and the calls that ended from the beginning on; unknown is said to be unknown. */
export function costTable({ timeZone, verdict: { cost } }: EvidencePack): Markup {
  if (!cost) return markup`<p class="empty">No hub has counted what it cost.</p>`;
  const { blindPbxes, calls, classes, fromEpochMs, media, noCalls, pbxes, sites } = cost;
  const rows = [
    row('Touched', `${pbxes} of our servers, at ${sites} ${sites === 1 ? 'site' : 'sites'}`),
    row('Calls that ended from here on', times(fromEpochMs, timeZone)),
    ...(calls
      ? [
          row('Calls', calls.attempted),
          row('Answered', calls.answered),
          row('Failed', calls.failed),
          ...calls.failedBy.map(({ by, calls: count }) => row(`Failed by ${by}`, count)),
          row('Given up before it rang', calls.givenUp),
          row('Answered under 6 s', calls.short),
          row('Outcome unknown', calls.unknown),
          row(
            'Media lost more than 3 % one way',
            media
              ? `${media.bad} of ${media.calls}${media.isCut === true ? ' (not all were followed)' : ''}`
              : 'no data',
          ),
        ]
      : [row('Calls', `no data: ${noCalls === 'no-trunk' ? 'no trunk is touched' : 'no Asterisk there was reached'}`)]),
    ...(blindPbxes.length > 0 ? [row('Not fully known of', blindPbxes.join(', '))] : []),
  ];
  const known = (count: number): string | number => (calls ? count : 'no data');
  const byClass = classes.map(
    ({ attempted, class: name, failed }) =>
      markup`<tr><th scope="row">${name}</th><td class="n">${known(attempted)}</td><td class="n">${known(failed)}</td></tr>`,
  );
  return markup`${table('Touched, and calls there', ['', ''], rows)}${classes.length > 0 ? table('Classes touched', ['Class', 'Calls', 'Failed'], byClass) : ''}`;
}

function row(name: string, value: string | number | Markup): Markup {
  return markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>`;
}
