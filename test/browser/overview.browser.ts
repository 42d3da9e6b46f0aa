import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { badNight } from './support/bad-night.ts';
import { type BrowserCase, eventually } from './support/browser-case.ts';
import { down, entry, hub, path, pbx, route, snapshot, verdict } from './support/fleet.ts';
import { countMutations, startCounting } from './support/mutations.ts';

const text = (page: Page, selector: string): Promise<string> => page.locator(selector).innerText();

/** Reads what an operator sees first. */
export const cases: readonly BrowserCase[] = [
  {
    title: 'a snapshot answers what is broken, whose fault it is, what was done and what is only proposed',
    run: async ({ open }) => {
      const { page } = await open(badNight());
      await page.getByRole('heading', { level: 1, name: 'Provider telco-a is at fault (99.3 % sure).' }).waitFor();
      const answers = await page.locator('.answer').allInnerTexts();
      assert.match(answers[0] ?? '', /8 hard-down · 1 degraded/);
      assert.match(answers[1] ?? '', /Provider telco-a[\s\S]*named/);
      assert.match(answers[2] ?? '', /4 routes moved[\s\S]*2 routes not applied yet/);
      assert.match(answers[3] ?? '', /2 route changes[\s\S]*not carried out/);
      assert.match(await page.title(), /^✕ Provider telco-a/);
      const cell = page.getByRole('link', {
        name: /^fra-1 to a\.a1 of telco-a: hard-down\. Loss 100\s% \(60 of 60 SIP OPTIONS lost in 60 s/,
      });
      assert.equal(await cell.getAttribute('href'), '#/path/fra-1%3Ea.a1');
      assert.equal(await page.locator('#matrix a.cell').count(), 32);
      const unknown = page.locator('a.cell[data-state="unknown"]').first();
      assert.equal((await unknown.innerText()).split(/\s/)[0], '?');
      assert.match(
        await page.evaluate<string>(
          `getComputedStyle(document.querySelector('a.cell[data-state=unknown]')).backgroundImage`,
        ),
        /gradient/,
        'unknown is hatched',
      );
      assert.match(
        await text(page, '#route-list tr[data-key="lon-1/national"]'),
        /proposed only[\s\S]*in use[\s\S]*a › b › c[\s\S]*would be[\s\S]*b 100 %/,
      );
      assert.match(await text(page, '#probe-list tr[data-key="lon-1"]'), /sick, abstains[\s\S]*loop p99 184\sms/);
      assert.match(await text(page, '#journal-list li:first-child'), /verdict-opened[\s\S]*Ambiguous: path lon-1/);
    },
  },
  {
    title: 'a delta of one path changes that cell and nothing else of the matrix',
    run: async ({ open }) => {
      const { page, server } = await open(badNight());
      await page.locator('#matrix a.cell').first().waitFor();
      await startCounting(page, '#matrix');
      server.send([{ kind: 'path', value: path('fra-1', 'b.b1', 'telco-b', down()) }]);
      const cell = page.locator('a.cell[data-path="fra-1>b.b1"]');
      await eventually(
        'state of the cell',
        () => cell.getAttribute('data-state'),
        (state) => state === 'hard-down',
      );
      const { elements } = await countMutations(page);
      assert.deepEqual(elements, ['fra-1>b.b1']);
      assert.match(await text(page, '.answer:first-child'), /9 hard-down/);
    },
  },
  {
    title: 'verdict, route, probe and journal deltas show, and a cleared verdict leaves the open ones',
    run: async ({ open }) => {
      const { page, server } = await open(
        snapshot({
          pbxes: [pbx('fra-1')],
          paths: [path('fra-1', 'b.b1', 'telco-b')],
          routes: [route('fra-1', 'national', ['b', 'a'])],
        }),
      );
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      server.send([
        { kind: 'verdict', value: verdict({ certainty: 'suspect', place: 'site fra', posterior: 0.82 }) },
        { kind: 'pbx', value: pbx('fra-1', { probe: 'silent' }) },
        { kind: 'journal', value: entry(9, 1, 'probe-silent', 'hub', 'fra-1 fell silent') },
        {
          kind: 'route',
          value: route('fra-1', 'national', ['b', 'a'], { planned: [{ trunk: 'a', weight: 1 }], isApplied: true }),
        },
      ]);
      await page.getByRole('heading', { level: 1, name: 'Site fra is suspected (82 %), not proven.' }).waitFor();
      assert.match(await text(page, '#clauses'), /1 route moved.*1 of 1 probe silent/);
      assert.match(await text(page, '#matrix th[scope="row"]'), /\? silent/);
      assert.match(await text(page, '#journal-list'), /fra-1 fell silent/);
      server.send([{ kind: 'verdict', value: verdict({ place: 'site fra', clearedAtEpochMs: snapshot().atEpochMs }) }]);
      await eventually(
        'open verdicts',
        () => text(page, '#verdict-count'),
        (count) => count === '0 open verdicts',
      );
      assert.match(await text(page, '#verdict-list'), /cleared[\s\S]*Site fra/);
    },
  },
  {
    title: 'observe mode, the stop switch and an unwritable journal are shown in words',
    run: async ({ open }) => {
      const { page, server } = await open(snapshot({ hub: hub({ fleetRoutingMode: 'observe' }) }));
      await eventually(
        'badges',
        () => text(page, '#badges'),
        (badges) => /OBSERVE proposes only/.test(badges),
      );
      await page.getByRole('heading', { level: 1, name: 'No path is measured yet.' }).waitFor();
      server.send([{ kind: 'hub', value: hub({ isStopped: true, isJournalWritable: false }) }]);
      await eventually(
        'badges',
        () => text(page, '#badges'),
        (badges) => /STOPPED.*ENFORCE.*journal not writable/s.test(badges),
      );
      assert.match(await text(page, '#clauses'), /stop switch is on: nothing is changed anywhere/);
    },
  },
  {
    title: 'deep links open a verdict, a path, a PBX, each figure with its n, window and reason',
    run: async ({ open }) => {
      const { page } = await open(badNight(), { hash: '#/path/lon-1%3Ec.c2' });
      const panel = page.locator('#panel');
      await page.getByRole('heading', { level: 2, name: 'lon-1 → c.c2' }).waitFor();
      assert.match(
        await panel.innerText(),
        /7 of 60 SIP OPTIONS lost in 60 s; interval 5\.8\s% to 22\s%[\s\S]*n 53 SIP OPTIONS answered in 60 s/,
      );
      assert.match(await panel.innerText(), /above 3 % by the sequential test/);
      await page.locator('#chart canvas').waitFor();
      await page.evaluate(`location.hash = '#/verdict/v-2026-03-14-0007'`);
      await page.getByRole('heading', { level: 2, name: 'Provider telco-a' }).waitFor();
      assert.match(await panel.innerText(), /Witnesses \(4\)[\s\S]*60 of 60[\s\S]*94\s% to 100\s%/);
      assert.match(
        await panel.innerText(),
        /Began\s+[\d:]+\s+between [\d:]+ and [\d:]+ \(95 %\)[\s\S]*Reopened within a day\s+2 times/,
      );
      assert.match(await panel.innerText(), /Failed\s+31\s+22 by 503, 9 by 408[\s\S]*Bad media\s+88 of 140 calls/);
      assert.match(await text(page, '#verdict-list'), /reopened 2 times[\s\S]*began before [\d:]+/);
      await page.evaluate(`location.hash = '#/pbx/lon-1'`);
      await page.getByRole('heading', { level: 2, name: 'lon-1', exact: true }).waitFor();
      assert.match(await panel.innerText(), /plan 7\.42; AstDB:\s+2:7\.41:a\/100,b\/0,c\/0/);
      await page.evaluate(`location.hash = '#/path/gone'`);
      await eventually(
        'panel',
        () => panel.innerText(),
        (shown) => /knows it no longer/.test(shown),
      );
    },
  },
  {
    title: 'the matrix filter narrows rows and columns, and the times carry UTC in their titles',
    run: async ({ open }) => {
      const { page } = await open(badNight());
      await page.locator('#matrix-filter').fill('telco-a fra');
      await eventually(
        'cells',
        () => page.locator('#matrix a.cell').count(),
        (count) => count === 4,
      );
      const time = page.locator('#journal-list time').first();
      assert.equal(await time.innerText(), '03:46:22');
      assert.equal(await time.getAttribute('title'), '2026-03-14 02:46:22 UTC');
    },
  },
];
