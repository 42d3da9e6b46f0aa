import { describe, expect, it } from 'vitest';
import { CSV_COLUMNS, evidenceCsv } from '../../../server/evidence/evidence-csv.ts';
import { readCsv } from '../../support/csv-reader.ts';
import { pack } from './evidence-fixture.ts';

describe('the CSV of a pack', () => {
  it('says every figure as the JSON does, to the last place', () => {
    const made = pack();
    const rows = readCsv(evidenceCsv(made));
    const of = (section: string) => rows.filter((row) => row['section'] === section);
    const numbers = (row: Readonly<Record<string, string>>) =>
      ['sent', 'lost', 'loss_ratio', 'low_ratio', 'high_ratio'].map((name) =>
        row[name] === '' ? undefined : Number(row[name]),
      );
    const figures = ({ highRatio, lossRatio, lost, lowRatio, sent }: (typeof made.series)[number]['whole']) => [
      sent,
      lost,
      lossRatio,
      lowRatio,
      highRatio,
    ];
    expect(of('look').map(numbers)).toEqual(made.looks.flatMap(({ paths }) => paths.map(figures)));
    expect(of('look-total').map(numbers)).toEqual(
      made.looks.flatMap(({ inside, outside }) => [figures(inside), figures(outside)]),
    );
    expect(of('whole').map(numbers)).toEqual(made.series.map(({ whole }) => figures(whole)));
    expect(of('span').map(numbers)).toEqual(made.series.flatMap(({ spans }) => spans.map(figures)));
    expect(of('pooled').map(numbers)).toEqual([...made.pooled.inside, ...made.pooled.control].map(figures));
    expect(of('look')[0]).toMatchObject({
      path: 'fra-1>a.a1',
      role: 'inside',
      moment: 'opened',
      rtt_p50_ms: '20',
      rtt_p95_ms: '31.5',
    });
    expect(of('span')[0]).toMatchObject({
      start_utc: '2026-03-14T02:04:00.000Z',
      start_local: '2026-03-14 03:04:00 UTC+1',
      length_ms: '60000',
    });
  });

  it('begins with its columns, and each line ends in CRLF (RFC 4180)', () => {
    const text = evidenceCsv(pack());
    expect(text.startsWith(`${CSV_COLUMNS.join(',')}\r\n`)).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('quotes what needs quotes, and lets no spreadsheet take a name for a formula', () => {
    const made = pack();
    const [first] = made.series;
    if (!first) throw new Error('no series');
    const evil = {
      ...made,
      series: [
        { ...first, pathKey: '=HYPERLINK("http://x","a,b")' },
        { ...first, pathKey: '@x\r\ny' },
      ],
    };
    const whole = readCsv(evidenceCsv(evil)).filter((row) => row['section'] === 'whole');
    expect(whole.map((row) => row['path'])).toEqual(['\'=HYPERLINK("http://x","a,b")', "'@x\r\ny"]);
  });
});
