import assert from 'node:assert/strict';
import type { Figure } from '../../wire/figures.ts';
import { badNight } from './support/bad-night.ts';
import { type BrowserCase, eventually } from './support/browser-case.ts';

const KEY = 'fra-1>b.b1';
const AT_MS = Date.UTC(2026, 2, 14, 3, 0, 0);

function loss(lost: number, sent: number): Figure {
  return {
    kind: 'call-loss',
    direction: 'reverse',
    value: lost / sent,
    unit: 'ratio',
    low: 0.031,
    high: 0.052,
    n: sent,
    sample: 'RTP packet',
    windowMs: 300_000,
    newestAtEpochMs: AT_MS,
    source: 'RTCP that Asterisk sent: what came here',
    notes: ['codec ulaw', '<b>not markup</b>'],
  };
}

/** Every figure opens to what it stands on. */
export const cases: readonly BrowserCase[] = [
  {
    title:
      'every figure of a path opens to its n, window, interval and source, by keyboard, and stays open when it is refreshed',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      server.sheets.set(KEY, [loss(400, 10_000)]);
      await page.goto(`${page.url().split('#')[0]}#/path/${encodeURIComponent(KEY)}`);
      const row = page.locator('#figures details');
      await row.waitFor();
      assert.match(await row.innerText(), /Loss of calls, to here\s*4\.0\s%/);
      await row.locator('summary').focus();
      await page.keyboard.press('Enter');
      const text = await row.innerText();
      assert.match(text, /n = 10,000 \(RTP packet\) in 5 min\./);
      assert.match(text, /Interval 3\.1\s% to 5\.2\s%\./);
      assert.match(text, /Source: RTCP that Asterisk sent/);
      assert.match(text, /<b>not markup<\/b>/);
      server.sheets.set(KEY, [loss(500, 10_000)]);
      await eventually(
        'the refreshed value',
        () => row.innerText(),
        (shown) => /5\.0\s%/.test(shown),
      );
      assert.equal(await row.getAttribute('open'), '');
    },
  },
  {
    title: 'figures that can no longer be had stay, and say that they are old',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      server.sheets.set(KEY, [loss(1, 10)]);
      await page.goto(`${page.url().split('#')[0]}#/path/${encodeURIComponent(KEY)}`);
      await page.locator('#figures details').waitFor();
      server.isFiguresBroken = true;
      await eventually(
        'the mark',
        () => page.locator('#figures').getAttribute('data-stale'),
        (mark) => mark?.startsWith('Not to be had: ') === true,
      );
      assert.equal(await page.locator('#figures details').count(), 1);
    },
  },
  {
    title: 'what is not measured says why, without a figure and without markup, and goes when it is measured again',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      server.missing.set(KEY, [
        { what: 'mesh', direction: 'reverse', because: 'it yields to live calls <i>here</i>', newestAtEpochMs: AT_MS },
        { what: 'name', direction: 'none', because: 'no name server answered in time (edge b1)' },
      ]);
      await page.goto(`${page.url().split('#')[0]}#/path/${encodeURIComponent(KEY)}`);
      const missing = page.locator('#figures .no-data');
      await missing.first().waitFor();
      const texts = await missing.allInnerTexts();
      assert.equal(texts.length, 2);
      assert.match(
        texts[0] ?? '',
        /^RTP mesh, to here: no data because it yields to live calls <i>here<\/i>\. Last said \d\d:\d\d/,
      );
      assert.equal(texts[1], 'Addresses of its name: no data because no name server answered in time (edge b1).');
      assert.equal(await page.getByText('Nothing has been measured yet.').count(), 0);
      assert.equal(await page.locator('#figures details').count(), 0);
      server.missing.clear();
      server.sheets.set(KEY, [loss(1, 100)]);
      await eventually(
        'a figure in its place',
        () => missing.count(),
        (count) => count === 0,
      );
      assert.equal(await page.locator('#figures details').count(), 1);
    },
  },
  {
    title: 'a path of which nothing is known says so',
    run: async ({ open }) => {
      const { page } = await open(badNight());
      await page.goto(`${page.url().split('#')[0]}#/path/${encodeURIComponent(KEY)}`);
      await page.getByText('Nothing has been measured yet.').waitFor();
    },
  },
];
