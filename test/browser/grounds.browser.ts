import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Figure, FigureKind } from '../../wire/figures.ts';
import { badNight } from './support/bad-night.ts';
import { type BrowserCase, eventually } from './support/browser-case.ts';

/** Every kind that there is: a kind that is added to the wire is missed here by the type checker. */
const KIND_TABLE: Readonly<Record<FigureKind, true>> = {
  'sip-loss': true,
  'sip-rtt': true,
  'icmp-loss': true,
  'icmp-rtt': true,
  'mesh-loss': true,
  'mesh-jitter': true,
  'mesh-delay-variation': true,
  'mesh-rtt': true,
  'mesh-one-way-delay': true,
  'mesh-reordered': true,
  'mesh-duplicates': true,
  'name-addresses': true,
  'call-loss': true,
  'call-jitter': true,
  'test-call-answered': true,
  'test-call-media': true,
  'test-call-copies': true,
  'test-call-loss': true,
  'test-call-jitter': true,
  'test-call-reordered': true,
  'test-call-duplicates': true,
  'test-call-pdd': true,
  'qualify-loss': true,
  'mos-nb': true,
  'mos-wb': true,
  asr: true,
  ner: true,
  seer: true,
  isa: true,
  pdd: true,
  acd: true,
  'short-calls': true,
  'line-rate': true,
  'certificate-days': true,
  registration: true,
  'clock-offset': true,
  'interface-drops': true,
  'asterisk-says': true,
};
const KINDS = Object.keys(KIND_TABLE) as readonly FigureKind[];

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

/** Where the page shows figures. */
const SHOWN_FIGURES = 'td.number, .value, .posterior-value';

/**
 * Figures that say nothing of what they stand on: neither where one points at them, nor below them, nor by opening, nor in a
 * column `n` of their table. How long ago something was is no figure.
 */
async function ungrounded(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll(${JSON.stringify(SHOWN_FIGURES)})].flatMap((node) => {
    const heads = [...(node.closest('table')?.querySelectorAll('thead th') ?? [])].map((head) => head.textContent);
    const isFigure = /\\d/.test(node.textContent) && node.querySelector('time') === null && node.closest('[hidden]') === null;
    const isGrounded =
      (node.closest('[title]')?.getAttribute('title') ?? '') !== '' ||
      (node.parentElement?.querySelector('.stands-on')?.textContent ?? '') !== '' ||
      (node.closest('details')?.querySelectorAll('li').length ?? 0) > 3 ||
      heads.includes('n');
    return isFigure && !isGrounded ? [node.outerHTML.slice(0, 200)] : [];
  })`);
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
  {
    title: 'every figure of a path between sites, mesh and line among them, opens to its n, window and source',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      server.sheets.set('fra-1>peer.ams-1', FIGURES);
      await page.goto(`${page.url().split('#')[0]}#/path/${encodeURIComponent('fra-1>peer.ams-1')}`);
      assertGrounds(await openAll(page));
      assert.ok([...(await heads(page)).values()].every((text) => text !== ''));
      assert.deepEqual(await ungrounded(page), []);
    },
  },
  {
    title: 'no figure on the page, in whatever panel, stands without what it stands on',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      const trace = { pbx: 'fra-1', target: 'b.b1', endedAtEpochMs: Date.UTC(2026, 2, 14), source: 'mtr on the PBX' };
      const hop = { hop: 1, address: '10.0.0.1', sent: 30, lost: 3, lowRatio: 0.03, highRatio: 0.26, remark: '' };
      const hops = [{ ...hop, bestMs: 1, averageMs: 2, worstMs: 3 }];
      const traces = [{ ...trace, probe: 'probe-1', outcome: 'no-loss', sentence: 'no loss', hops }] as const;
      for (const name of ['fra-1>b.b1', 'v-2026-03-14-0007']) server.traces.set(name, traces);
      for (const key of ['fra-1>b.b1', '*>b', 'fra-1>b', 'fra-1>host']) server.sheets.set(key, FIGURES);
      const keys = ['fra-1>b.b1', 'fra-1>peer.ams-1', '*>b', 'fra-1>b'].map(encodeURIComponent);
      const hashes = ['/', `/path/${keys[0]}`, `/path/${keys[1]}`, `/trunk/${keys[2]}`, `/trunk/${keys[3]}`];
      const others = ['/pbx/fra-1', '/verdict/v-2026-03-14-0007', '/state/degraded', '/state/healthy'];
      const address = page.url().split('#')[0];
      let seen = 0;
      for (const hash of [...hashes, ...others]) {
        await page.goto(`${address}#${hash}`);
        await eventually(
          `panel of ${hash}`,
          () => page.evaluate<number>(`document.querySelectorAll(${JSON.stringify(SHOWN_FIGURES)}).length`),
          (count) => count > 4,
        );
        const waiting = page.locator('#figures');
        if ((await waiting.count()) > 0 && hash !== `/path/${keys[1]}`)
          await waiting.locator('details').first().waitFor();
        if (/^.(path|verdict).(fra-1%3Eb|v-)/.test(hash)) await page.locator('#traces table').first().waitFor();
        assert.deepEqual({ hash, left: await ungrounded(page) }, { hash, left: [] });
        seen += await page.evaluate<number>(`document.querySelectorAll(${JSON.stringify(SHOWN_FIGURES)}).length`);
      }
      assert.ok(seen > 300, `${seen}`);
    },
  },
];
