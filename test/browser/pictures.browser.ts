import { badNight } from './support/bad-night.ts';
import type { BrowserCase } from './support/browser-case.ts';
import { largeFleet } from './support/fleet.ts';

/** Pictures to be looked at by people: each view in light and dark, at desk and phone width. */
export const cases: readonly BrowserCase[] = (['light', 'dark'] as const).flatMap((colorScheme) => [
  {
    title: `pictures of the overview and panels (${colorScheme})`,
    run: async ({ open, picture }) => {
      const { page } = await open(badNight(), { context: { colorScheme } });
      await page.getByRole('heading', { level: 1, name: /telco-a/ }).waitFor();
      await picture(page, `overview-${colorScheme}`, true);
      for (const [name, hash] of [
        ['path', '#/path/fra-1%3Eb.b1'],
        ['verdict', '#/verdict/v-2026-03-14-0007'],
        ['pbx', '#/pbx/lon-1'],
      ] as const) {
        await page.goto(`${page.url().split('#')[0]}${hash}`);
        await page.locator('#panel').waitFor();
        if (name === 'path') await page.locator('#chart canvas').waitFor();
        await picture(page, `${name}-${colorScheme}`);
      }
    },
  },
  {
    title: `pictures at phone width (${colorScheme})`,
    run: async ({ open, picture }) => {
      const { page } = await open(badNight(), { context: { colorScheme, viewport: { width: 375, height: 760 } } });
      await page.getByRole('heading', { level: 1, name: /telco-a/ }).waitFor();
      await picture(page, `phone-${colorScheme}`);
      await page.locator('#paths').scrollIntoViewIfNeeded();
      await page.goto(`${page.url().split('#')[0]}#paths`);
      await picture(page, `phone-paths-${colorScheme}`);
      await page.goto(`${page.url().split('#')[0]}#/path/fra-1%3Ea.a1`);
      await page.locator('#chart canvas').waitFor();
      await picture(page, `phone-path-${colorScheme}`);
    },
  },
  {
    title: `picture of 100 x 100 paths (${colorScheme})`,
    run: async ({ open, picture }) => {
      const { page } = await open(largeFleet(100, 100), { context: { colorScheme } });
      await page.getByRole('heading', { level: 1, name: /healthy/ }).waitFor();
      await picture(page, `large-${colorScheme}`);
    },
  },
]);
