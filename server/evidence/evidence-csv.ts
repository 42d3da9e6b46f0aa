import type { Counted, PackCost, PackKind, PackLook, PackSpan, UnsealedPack } from './evidence-pack.ts';
import { isoTime, zoneTime } from './zone-time.ts';

/** Columns of the file; a column that says nothing of a row is empty there. */
export const CSV_COLUMNS = [
  'section',
  'moment',
  'path',
  'role',
  'source',
  'direction',
  'start_utc',
  'start_local',
  'length_ms',
  'sent',
  'lost',
  'loss_ratio',
  'low_ratio',
  'high_ratio',
  'rtt_p50_ms',
  'rtt_p95_ms',
] as const;

type Column = (typeof CSV_COLUMNS)[number];
type Row = { readonly [Name in Column]?: string | number };

/**
 * Every counted figure of a pack, a row each, as RFC 4180 says: CRLF, quotes around what needs them. A text that a spreadsheet
 * would take for a formula has an apostrophe before it.
 *
 * Sections: `look` and `look-total` (paths and totals as they stood), `whole` (a path over the verdict's time), `span` and
 * `pooled` (over time), `kind` (what else was counted, at the place and elsewhere), `media` and `media-minute` (one direction), `hop` (of traces), `cost` (what is touched, and calls: a
 * count a row in the column `sent`; `moment` says of what, `path` of which class or cause).
 *
 * @see RFC 4180 §2.
 */
export function evidenceCsv(pack: UnsealedPack): string {
  const local = (epochMs: number): string => (pack.timeZone === undefined ? '' : zoneTime(epochMs, pack.timeZone));
  const starts = new Map<number, Row>();
  const at = (epochMs: number, lengthMs: number): Row => {
    const known = starts.get(epochMs) ?? { start_utc: isoTime(epochMs), start_local: local(epochMs) };
    starts.set(epochMs, known);
    return { ...known, length_ms: lengthMs };
  };
  const spanRow = (span: PackSpan): Row => ({
    ...at(span.startEpochMs, span.lengthMs),
    ...figures(span),
    ...rtt(span),
  });
  const rows: Row[] = [
    ...pack.looks.flatMap((look) => lookRows(look, at(look.atEpochMs - look.windowMs, look.windowMs))),
    ...pack.series.map(({ pathKey, role, whole }) => ({ section: 'whole', path: pathKey, role, ...figures(whole) })),
    ...pack.series.flatMap(({ pathKey, role, spans }) =>
      spans.map((span) => ({ section: 'span', path: pathKey, role, ...spanRow(span) })),
    ),
    ...(['inside', 'control'] as const).flatMap((role) =>
      pack.pooled[role].map((span) => ({ section: 'pooled', role, ...spanRow(span) })),
    ),
    ...pack.directions.flatMap(({ direction, mediaKey, minutes, role, source, ...whole }): Row[] => {
      const shared = { path: mediaKey, role, source, direction };
      return [
        { section: 'media', ...shared, ...figures(whole) },
        ...minutes.map((minute) => ({
          section: 'media-minute',
          ...shared,
          ...at(minute.startEpochMs, 60_000),
          ...figures(minute),
        })),
      ];
    }),
    ...pack.traces.flatMap(({ atEpochMs, hops, pbx, target }) =>
      hops.map((hop) => ({
        section: 'hop',
        moment: `${hop.hop} ${hop.address ?? 'silent'}`,
        path: `${pbx}>${target}`,
        start_utc: isoTime(atEpochMs),
        start_local: local(atEpochMs),
        ...figures(hop),
        ...(hop.averageMs !== undefined && { rtt_p50_ms: hop.averageMs }),
      })),
    ),
  ];
  rows.push(...kindRows(pack.verdict.kinds), ...costRows(pack.verdict.cost));
  const texts = new Map<string, string>();
  let file = `${CSV_COLUMNS.join(',')}\r\n`;
  for (const row of rows) file += `${CSV_COLUMNS.map((name) => cell(row[name], texts)).join(',')}\r\n`;
  return file;
}

function lookRows({ inside, moment, outside, paths }: PackLook, when: Row): Row[] {
  return [
    ...paths.map((path) => ({
      section: 'look',
      moment,
      path: path.pathKey,
      role: path.role,
      ...when,
      ...figures(path),
      ...rtt(path),
    })),
    { section: 'look-total', moment, role: 'inside', ...when, ...figures(inside) },
    { section: 'look-total', moment, role: 'control', ...when, ...figures(outside) },
  ];
}

function kindRows(kinds: readonly PackKind[] = []): Row[] {
  return kinds.flatMap(({ kind, lost, lostOutside, sent, sentOutside }): Row[] => [
    { section: 'kind', source: kind, role: 'inside', sent, lost },
    { section: 'kind', source: kind, role: 'control', sent: sentOutside, lost: lostOutside },
  ]);
}

function costRows(cost: PackCost | undefined): Row[] {
  if (!cost) return [];
  const { calls, classes, media, pbxes, sites } = cost;
  return [
    costRow('pbxes', pbxes),
    costRow('sites', sites),
    ...(calls
      ? [
          ...(['attempted', 'answered', 'failed', 'givenUp', 'short', 'unknown'] as const).map((name) =>
            costRow(name, calls[name]),
          ),
          ...calls.failedBy.map((each) => costRow('failedBy', each.calls, each.by)),
          ...classes.flatMap(({ attempted, class: name, failed }) => [
            costRow('attempted', attempted, name),
            costRow('failed', failed, name),
          ]),
        ]
      : []),
    ...(media ? [costRow('mediaCalls', media.calls), costRow('badMedia', media.bad)] : []),
  ];
}

function costRow(moment: string, sent: number, path = ''): Row {
  return { section: 'cost', moment, path, sent };
}

function figures({ highRatio, lossRatio, lost, lowRatio, sent }: Counted): Row {
  const ratio = lossRatio === undefined ? {} : { loss_ratio: lossRatio };
  return { sent, lost, ...ratio, low_ratio: lowRatio, high_ratio: highRatio };
}

function rtt({ rttP50Ms, rttP95Ms }: { readonly rttP50Ms?: number; readonly rttP95Ms?: number }): Row {
  return {
    ...(rttP50Ms !== undefined && { rtt_p50_ms: rttP50Ms }),
    ...(rttP95Ms !== undefined && { rtt_p95_ms: rttP95Ms }),
  };
}

/** @param texts - what was quoted before: names and times come again and again. */
function cell(value: string | number | undefined, texts: Map<string, string>): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  const text = /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  texts.set(value, text);
  return text;
}
