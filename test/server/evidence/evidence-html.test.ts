import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { evidenceHtml } from '../../../server/evidence/evidence-html.ts';
import {
  context,
  contextPath,
  everythingElse,
  kept,
  MINUTE_MS,
  minutes,
  OPENED,
  openVerdict,
  pack,
  STYLE_DIGEST,
} from './evidence-fixture.ts';

const EVIL = `"><script>window.owned=1</script><img src=x onerror='window.owned=1'>`;

describe('the page of a pack', () => {
  it('stands alone: no script, no address, no handler, no style but its own, by its digest', () => {
    const page = evidenceHtml(pack(), STYLE_DIGEST);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|javascript:|@import|url\(/i);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|\/\//);
    expect(page).not.toMatch(/\s(?:on[a-z]+|style|src|href)=/i);
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
    expect(page).toContain(
      `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`.replaceAll("'", '&#39;'),
    );
  });

  it('shows summary, both times, both groups with intervals, charts, method, gaps and digests', () => {
    const made = pack();
    const page = evidenceHtml(made, STYLE_DIGEST);
    for (const text of [
      'Packet loss at the provider telco-a',
      '2026-03-14 02:07:00 UTC',
      '2026-03-14 03:07:00 UTC+1',
      'all 2 others of the fleet',
      '8.33 %',
      '3.61 % to 18.07 %',
      'Wilson score interval',
      'direction unknown',
      ...made.manifest.map(({ sha256 }) => sha256),
    ]) {
      expect(page).toContain(text);
    }
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).not.toContain('NaN');
    expect(page).not.toContain('undefined');
  });

  it('shows media each way, traces with silent hops, and calls by the names that Asterisk gave them', () => {
    const page = evidenceHtml(pack({ ...everythingElse(), timeZone: undefined }), STYLE_DIGEST);
    for (const text of [
      'RTCP of calls: what the far end says it met',
      'RTCP of calls: what reached us',
      'RTP between our sites, counted packet by packet',
      'Reports by the minute',
      'loss begins between hop 1 and hop 3',
      'silent',
      '8.3 ms',
      '1773453900.41<br>1773453900.42',
      'not answered',
      '60.0 s',
      '812.4 ms',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).not.toContain('UTC+1');
  });

  it('of an open verdict, and of one that knows its direction, says so', () => {
    const way = { sent: 6000, lost: 600, lowRatio: 0.09, highRatio: 0.11 };
    const verdict = openVerdict({ direction: 'both', directionEvidence: { towards: way, from: way } });
    const page = evidenceHtml(pack({ verdict }), STYLE_DIGEST);
    expect(page).toContain('still open');
    expect(page).toContain('600 of 6000 lost, 10.00 % (9.00 % to 11.00 %)');
    expect(page).toContain('packets are lost both ways');
  });

  it('with nothing to show says that of each part', () => {
    const bare = { contexts: [], followedFrom: new Map(), rollups: [], snapshots: [] };
    const page = evidenceHtml(pack(bare), STYLE_DIGEST);
    expect(page.match(/class="empty"/g)?.length).toBeGreaterThanOrEqual(5);
    expect(page).toContain('No counts were kept.');
  });

  it('shows a hostile name as text, wherever one may stand', () => {
    const path = { ...contextPath('fra-1', 'a', 60, 6), pathKey: EVIL, pbx: EVIL, provider: EVIL, state: EVIL };
    const made = pack({
      softwareVersion: EVIL,
      verdict: kept({
        verdictId: EVIL,
        place: { kind: 'provider', provider: EVIL } as never,
        group: [{ kind: 'provider', provider: EVIL } as never],
        witnesses: [EVIL],
        sentence: EVIL,
        direction: EVIL,
        wouldSplit: EVIL,
      }),
      contexts: [{ atEpochMs: OPENED, context: { ...context(5), paths: [path] } }],
      followedFrom: new Map([[EVIL, OPENED]]),
      rollups: minutes()
        .map((minute) => ({ ...minute, pathKey: EVIL }))
        .slice(0, 8),
      media: [
        {
          mediaKey: EVIL,
          source: 'calls',
          direction: 'forward',
          startEpochMs: OPENED,
          sent: 9,
          lost: 1,
          intervals: 1,
          lostSquares: 1 / 9,
        },
      ],
      journal: [{ atEpochMs: OPENED, kind: 'hub-started', actor: EVIL, sentence: EVIL, scope: {}, detail: undefined }],
      traces: [
        {
          pbx: EVIL,
          receivedAtEpochMs: OPENED,
          body: { target: EVIL, hops: [{ hop: 1, address: EVIL, sent: 30, lost: 0 }] },
          judgement: { kind: EVIL, sentence: EVIL },
        },
      ],
      calls: [
        {
          pbx: EVIL,
          trunk: EVIL,
          edge: EVIL,
          linkedId: EVIL,
          uniqueId: EVIL,
          startedAtEpochMs: OPENED,
          endedAtEpochMs: OPENED + MINUTE_MS,
          endedBy: EVIL,
        },
      ],
    });
    const page = evidenceHtml(made, STYLE_DIGEST);
    expect(page).not.toMatch(/<script|<img|="[^"]*<|onerror=(?!&#39;)/i);
    expect(page.split('&lt;script&gt;window.owned=1&lt;/script&gt;').length).toBeGreaterThan(20);
  });
});
