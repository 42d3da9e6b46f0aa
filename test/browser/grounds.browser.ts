import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Figure, FigureKind } from '../../wire/figures.ts';
import { badNight } from './support/bad-night.ts';
import { type BrowserCase, eventually } from './support/browser-case.ts';

const KINDS: readonly FigureKind[] = [
  'sip-loss',
  'sip-rtt',
  'icmp-loss',
  'mesh-one-way-delay',
  'call-loss',
  'call-jitter',
  'test-call-loss',
  'test-call-pdd',
  'qualify-loss',
  'mos-nb',
  'asr',
  'ner',
  'pdd',
  'acd',
  'line-rate',
  'certificate-days',
  'registration',
  'interface-drops',
  'asterisk-says',
];

/** One figure of every kind; of the odd ones no interval can be stated. */
const FIGURES: readonly Figure[] = KINDS.map((kind, at) => ({
  kind,
  direction: at % 2 === 0 ? 'forward' : 'none',
  value: at / 100,
  unit: kind === 'registration' ? 'state' : 'ratio',
  ...(at % 2 === 0 && { low: 0, high: 0.5 }),
  n: 100 + at,
  sample: 'sample',
  windowMs: at === 3 ? 0 : 300_000,
  newestAtEpochMs: Date.UTC(2026, 2, 14, 2, 47, 0),
  source: `the method of ${kind}`,
  notes: [],
}));

/** Opens every row of the figures as a person would, and gives the text of each. */
async function openAll(page: Page): Promise<readonly string[]> {
  const rows = page.locator('#figures details');
  await eventually(
    'figures',
    () => rows.count(),
    (count) => count === KINDS.length,
  );
  const texts: string[] = [];
  for (let at = 0; at < KINDS.length; at += 1) {
    await rows.nth(at).locator('summary').click();
    texts.push(await rows.nth(at).innerText());
  }
  return texts;
}

/** Every figure of these rows says its n, window, interval (or that there is none), source and age. */
function assertGrounds(texts: readonly string[]): void {
  for (const [at, text] of texts.entries()) {
    const over = at === 3 ? '' : ' in 5 min';
    assert.ok(text.includes(`n = ${100 + at} (sample)${over}.`), text);
    assert.match(text, at % 2 === 0 ? /Interval .+ to .+\./ : /No interval can be stated\./);
    assert.ok(text.includes(`Source: the method of ${KINDS[at]}.`), text);
    assert.match(text, /Newest: /);
  }
}

/** The figures at the head of a panel, each a pair of its value and what stands below it. */
async function heads(page: Page): Promise<ReadonlyMap<string, string>> {
  const names = await page.locator('#panel dl.figures dt').allInnerTexts();
  const grounds = await page.evaluate<string[]>(
    `[...document.querySelectorAll('#panel dl.figures dd')].map((node) => node.querySelector('.stands-on')?.textContent ?? '')`,
  );
  return new Map(names.map((name, at) => [name, grounds[at] ?? '']));
}

async function titlesOf(page: Page, selector: string): Promise<readonly string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((node) => node.getAttribute('title') ?? '')`,
  );
}

/** Whatever figure the page shows, a person can learn its n, its window and its source. */
export const cases: readonly BrowserCase[] = [
  {
    title: 'every figure of a path panel opens to its n, window and source',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      server.sheets.set('lon-1>c.c2', FIGURES);
      await page.goto(`${page.url().split('#')[0]}#/path/${encodeURIComponent('lon-1>c.c2')}`);
      assertGrounds(await openAll(page));
      const said = await heads(page);
      assert.match(said.get('Loss') ?? '', /7 of 60 SIP OPTIONS lost in 60 s; interval/);
      assert.match(said.get('Round trip') ?? '', /n 53 SIP OPTIONS answered in 60 s/);
      assert.match(said.get('ICMP loss') ?? '', /0 of 60 ICMP echoes lost in 60 s; interval/);
      assert.match(said.get('Newest sample') ?? '', /figures cover 60 s/);
      assert.deepEqual([...said.keys()], ['Loss', 'Round trip', 'ICMP loss', 'Newest sample']);
    },
  },
  {
    title: 'every figure of a trunk panel opens to its n, window and source, for one PBX and for all together',
    run: async ({ open, picture }) => {
      const { page, server } = await open(badNight());
      server.sheets.set('*>c', FIGURES);
      server.sheets.set('fra-1>c', FIGURES.slice(0, 1));
      await page.goto(`${page.url().split('#')[0]}#/path/${encodeURIComponent('fra-1>c.c1')}`);
      await page.locator('#panel').getByRole('link', { name: 'c', exact: true }).click();
      await eventually(
        'title',
        () => page.locator('#panel-title').innerText(),
        (title) => title === 'c',
      );
      assertGrounds(await openAll(page));
      await picture(page, 'trunk-panel');
      await page.locator('#panel').getByRole('link', { name: 'fra-1', exact: true }).first().click();
      await eventually(
        'title',
        () => page.locator('#panel-title').innerText(),
        (title) => title === 'fra-1 → c',
      );
      await eventually(
        'its figure',
        () => page.locator('#figures details').count(),
        (count) => count === 1,
      );
      await page.goto(`${page.url().split('#')[0]}#/trunk/${encodeURIComponent('*>no-such-trunk')}`);
      await page.getByText('The hub does not know it, or knows it no longer.').waitFor();
    },
  },
  {
    title: 'every cell of the matrix and of the lists of paths says n, window and source of both of its figures',
    run: async ({ open }) => {
      const { page } = await open(badNight());
      const cells = page.locator('#matrix a.cell');
      await eventually(
        'cells',
        () => cells.count(),
        (count) => count > 20,
      );
      const titles = await page.evaluate<string[]>(`[...document.querySelectorAll('#matrix a.cell')].flatMap((node) => {
        node.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        return [node.getAttribute('title') ?? '', node.getAttribute('aria-label') ?? ''];
      })`);
      const loss =
        /Loss (.+ \(\d+ of \d+ SIP OPTIONS lost in 60 s; interval .+\)|no SIP OPTIONS asked in the last 60 s)\./;
      const rtt =
        /Round trip (p50 .+ \(n \d+ SIP OPTIONS answered in 60 s\)|no SIP OPTIONS answered in the last 60 s)\./;
      for (const text of titles) {
        assert.match(text, loss);
        assert.match(text, rtt);
      }
      await page.goto(`${page.url().split('#')[0]}#/state/degraded`);
      const figures = page.locator('#panel td.number');
      await figures.first().waitFor();
      const grounds = await titlesOf(page, '#panel td.number');
      for (const text of grounds) assert.match(text, /SIP OPTIONS (lost|answered) in (the last )?60 s/);
    },
  },
  {
    title: 'every figure of a PBX panel and every probability of a verdict says what it stands on',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      server.sheets.set('fra-1>host', FIGURES);
      await page.goto(`${page.url().split('#')[0]}#/pbx/fra-1`);
      assertGrounds(await openAll(page));
      const said = await heads(page);
      assert.match(said.get('Instrument') ?? '', /by the probe of itself in 10 s: .+ n 10, 0 lost/);
      assert.match(said.get('Clock offset') ?? '', /^n 1: against the hub/);
      assert.ok(
        [...said.values()].every((text) => text !== ''),
        JSON.stringify([...said]),
      );
      const ground = page.locator('[data-ground="posterior"]');
      await page.goto(`${page.url().split('#')[0]}#/verdict/v-2026-03-14-0007`);
      assert.match(await ground.innerText(), /model of places, from n = 180 attempts on 3 paths in 60 s/);
      const cards = await titlesOf(page, '#verdict-list .posterior');
      assert.ok(cards.length > 2 && cards.every((text) => /n = \d+ attempts on/.test(text)), cards.join('\n'));
    },
  },
];
