import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { badNight } from './support/bad-night.ts';
import { type BrowserCase, eventually } from './support/browser-case.ts';
import { largeFleet } from './support/fleet.ts';

const focused = (page: Page): Promise<string> =>
  page.evaluate<string>('document.activeElement?.dataset.path ?? document.activeElement?.id ?? ""');

/** Keyboard, names for screen readers, narrow screens, dark and light. */
export const cases: readonly BrowserCase[] = [
  {
    title: 'the matrix is one tab stop; arrows move over holes, Enter opens, Escape closes and gives focus back',
    run: async ({ open }) => {
      const { page } = await open(badNight());
      await page.locator('#matrix a.cell').first().waitFor();
      assert.equal(await page.locator('#matrix [tabindex="0"]').count(), 1);
      await page.locator('#matrix-filter').focus();
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'ams-1>a.a1');
      await page.keyboard.press('ArrowDown');
      assert.equal(await focused(page), 'fra-1>a.a1');
      await page.keyboard.press('End');
      assert.equal(await focused(page), 'fra-1>peer.lon-1');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await focused(page), 'fra-1>peer.fra-2', 'one step');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await focused(page), 'fra-1>peer.ams-1', 'over the hole of fra-1 to itself');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 2, name: 'fra-1 → peer.ams-1' }).waitFor();
      assert.equal(await focused(page), 'panel-title');
      await page.keyboard.press('Escape');
      await eventually(
        'focus',
        () => focused(page),
        (where) => where === 'fra-1>peer.ams-1',
      );
      assert.equal(await page.locator('#panel').isVisible(), false);
      assert.equal(await page.locator('#matrix [tabindex="0"]').count(), 1);
    },
  },
  {
    title: 'every link, button and field has a name, every table its headers, and the sentence is a live region',
    run: async ({ open }) => {
      const { page } = await open(badNight(), { hash: '#/pbx/lon-1' });
      await page.locator('#panel .list').first().waitFor();
      const nameless = await page.evaluate<string[]>(`[...document.querySelectorAll('a, button, input')]
        .filter((e) => !(e.ariaLabel || e.textContent.trim() || e.labels?.length))
        .map((e) => e.outerHTML.slice(0, 80))`);
      assert.deepEqual(nameless, []);
      assert.equal(await page.locator('table:not([aria-label])').count(), 0);
      assert.equal(await page.locator('table:not(:has(th[scope="col"])), table tbody:not(:has(th))').count(), 0);
      assert.equal(await page.locator('[aria-live="polite"] h1').count(), 1);
      const ids = await page.evaluate<string[]>(`[...document.querySelectorAll('[id]')].map((e) => e.id)`);
      assert.equal(new Set(ids).size, ids.length, 'ids are unique');
      const ways = await page.locator('[role="grid"] [role="gridcell"], [role="grid"] [role="rowheader"]').count();
      assert.ok(ways > 32);
    },
  },
  ...[375, 768].flatMap((width) =>
    ['', '#/path/fra-1%3Ea.a1', '#/pbx/lon-1', '#/verdict/v-2026-03-14-0007', '#/trunk/*%3Ea'].map((hash) => ({
      title: `at ${width} px nothing makes the page scroll sideways (${hash || 'overview'})`,
      run: async ({ open }: Parameters<BrowserCase['run']>[0]) => {
        const { page } = await open(badNight(), { hash, context: { viewport: { width, height: 700 } } });
        await page.locator('#matrix a.cell').first().waitFor();
        if (hash !== '') await page.locator('#panel').waitFor();
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        assert.equal(await page.evaluate(`document.querySelector('#panel').scrollWidth <= innerWidth`), true);
      },
    })),
  ),
  {
    title: 'a 100 x 100 matrix at phone width scrolls inside its own box',
    run: async ({ open }) => {
      const { page } = await open(largeFleet(100, 100), { context: { viewport: { width: 375, height: 700 } } });
      await page.locator('#matrix a.cell').first().waitFor();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 375);
      assert.equal(
        await page.evaluate(`{ const box = document.querySelector('#matrix-box'); box.scrollWidth > box.clientWidth }`),
        true,
      );
    },
  },
  {
    title: 'dark and light follow the system, and change with it while the page is open',
    run: async ({ open }) => {
      const { page } = await open(badNight(), { context: { colorScheme: 'dark' } });
      const ground = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      assert.equal(await ground(), 'rgb(14, 18, 22)');
      await page.emulateMedia({ colorScheme: 'light' });
      await eventually('ground', ground, (color) => color === 'rgb(243, 245, 247)');
    },
  },
];
