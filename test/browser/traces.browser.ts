import assert from 'node:assert/strict';
import type { ShownTrace } from '../../wire/traces.ts';
import { badNight } from './support/bad-night.ts';
import { type BrowserCase, eventually } from './support/browser-case.ts';
import { FLEET_EPOCH_MS } from './support/fleet.ts';

const KEY = 'fra-1>a.a1';
const VERDICT = 'v-2026-03-14-0007';

function trace(parts: Partial<ShownTrace> = {}): ShownTrace {
  return {
    pbx: 'fra-1',
    probe: 'probe-fra-1',
    target: 'a.a1',
    endedAtEpochMs: FLEET_EPOCH_MS - 120_000,
    outcome: 'blamed',
    sentence: 'trace from fra-1 to a.a1: loss begins between hop 2 (10.0.0.2) and hop 3 (10.0.0.3)',
    source: 'mtr on the PBX',
    hops: [
      {
        hop: 1,
        address: '10.0.0.1',
        sent: 30,
        lost: 20,
        lowRatio: 0.488,
        highRatio: 0.808,
        bestMs: 0.4,
        averageMs: 0.61,
        worstMs: 3.2,
        remark: 'its loss does not last to the end: not a fault of this hop',
      },
      { hop: 2, sent: 30, lost: 30, lowRatio: 0.886, highRatio: 1, remark: 'never answered: nothing is known of it' },
      {
        hop: 3,
        address: '<img src=x>',
        sent: 30,
        lost: 9,
        lowRatio: 0.167,
        highRatio: 0.479,
        bestMs: 8.1,
        averageMs: 8.4,
        worstMs: 21,
        remark: 'loss begins here or just before, and lasts to the target',
      },
    ],
    ...parts,
  };
}

/** Traces beside the path and the verdict that they were made for. */
export const cases: readonly BrowserCase[] = [
  {
    title: 'a path shows its traces: each hop with n, loss with interval, round trips and what its loss means',
    run: async ({ open, picture }) => {
      const { page, server } = await open(badNight());
      const older = trace({
        endedAtEpochMs: FLEET_EPOCH_MS - 600_000,
        outcome: 'failed',
        hops: [],
        sentence: 'not made',
      });
      server.traces.set(KEY, [trace(), older]);
      await page.goto(`${page.url().split('#')[0]}#/path/${encodeURIComponent(KEY)}`);
      const traces = page.locator('#traces details');
      await eventually(
        'both traces',
        () => traces.count(),
        (count) => count === 2,
      );
      const newest = traces.first();
      assert.equal(await newest.getAttribute('open'), '');
      const text = await newest.innerText();
      assert.match(text, /fra-1 → a\.a1[\s\S]*loss is placed/);
      assert.match(text, /loss begins between hop 2 \(10\.0\.0\.2\) and hop 3/);
      assert.match(text, /Made by probe probe-fra-1\. Source: mtr on the PBX\./);
      const rows = await newest.locator('tbody tr').allInnerTexts();
      assert.equal(rows.length, 3);
      const [first = '', silent = '', third = ''] = rows;
      assert.match(first, /1 10\.0\.0\.1\s+its loss does not last to the end: not a fault of this hop/);
      assert.match(first, /30\s+20, 67\s% \(49\s% to 81\s%\)\s+0\.40\sms \/ 0\.61\sms \/ 3\.2\sms/);
      assert.match(silent, /2 \?\?\?\s+never answered: nothing is known of it\s+30\s+30, 100\s%[\s\S]*– \/ – \/ –/);
      assert.match(third, /3 <img src=x>/);
      assert.equal(await page.locator('#traces img').count(), 0);
      const isWithin = `document.querySelector('#panel').scrollWidth <= document.querySelector('#panel').clientWidth`;
      assert.equal(await page.evaluate(isWithin), true);
      await picture(page, 'path-traces');
      await newest.locator('summary').focus();
      await page.keyboard.press('Enter');
      server.traces.set(KEY, [trace({ sentence: 'another sentence' }), older]);
      await eventually(
        'the refresh',
        () => newest.textContent(),
        (shown) => shown?.includes('another sentence') === true,
      );
      assert.equal(await newest.getAttribute('open'), null);
    },
  },
  {
    title: 'a verdict shows the traces that were made for it, and says so where there is none',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      server.traces.set(VERDICT, [trace(), trace({ pbx: 'ams-1', endedAtEpochMs: FLEET_EPOCH_MS - 121_000 })]);
      await page.goto(`${page.url().split('#')[0]}#/verdict/${VERDICT}`);
      const traces = page.locator('#traces details');
      await eventually(
        'both traces',
        () => traces.count(),
        (count) => count === 2,
      );
      assert.match(await traces.nth(1).innerText(), /ams-1 → a\.a1/);
      await page.goto(`${page.url().split('#')[0]}#/verdict/v-2026-03-14-0008`);
      await page.getByText('No trace was made of late.').waitFor();
      const asked = server.requested.filter((path) => path.startsWith('/api/v1/traces'));
      assert.ok(
        asked.every((path) => /\?verdict=v-2026-03-14-000[78]$/.test(path)),
        asked.join(),
      );
    },
  },
];
