import assert from 'node:assert/strict';
import { type BrowserCase, eventually } from './support/browser-case.ts';
import { entry, hub, path, pbx, route, snapshot, verdict } from './support/fleet.ts';

const EVIL = `<img src=x onerror="window.owned=1">"'><script>window.owned=1</script><a href="javascript:window.owned=1">`;

const hostile = snapshot({
  hub: hub({ softwareVersion: EVIL, hubInstanceId: EVIL }),
  pbxes: [pbx(EVIL, { site: EVIL, asteriskVersion: EVIL, softwareVersion: EVIL })],
  paths: [
    path(EVIL, 'b.b1', EVIL, { reason: EVIL, trunk: EVIL, edge: EVIL }),
    path('fra-1', `peer.${EVIL}`, undefined, { peer: EVIL }),
  ],
  verdicts: [
    verdict({
      verdictId: EVIL,
      place: EVIL,
      sentence: EVIL,
      witnesses: [EVIL],
      direction: EVIL,
      symptom: EVIL,
      wouldSplit: EVIL,
      mergedInto: EVIL,
      cost: {
        fromEpochMs: 1,
        pbxes: 1,
        sites: 1,
        classes: [{ class: EVIL, attempted: 1, failed: 1 }],
        calls: {
          attempted: 1,
          answered: 0,
          failed: 1,
          failedBy: [{ by: EVIL, calls: 1 }],
          givenUp: 0,
          short: 0,
          unknown: 0,
        },
        blindPbxes: [EVIL],
        sentence: EVIL,
      },
    }),
  ],
  routes: [
    route(EVIL, 'national', ['b'], {
      reason: EVIL,
      readBack: EVIL,
      trunks: [{ trunk: EVIL, tier: EVIL, reason: EVIL }],
    }),
  ],
  journal: [entry(1, 1, EVIL, EVIL, EVIL)],
});

/** Whatever a hub, a probe or a provider puts into a text is text. */
export const cases: readonly BrowserCase[] = [
  {
    title: 'markup in every field is shown as text: no element, handler or script comes of it',
    run: async ({ open }) => {
      const { page } = await open(hostile);
      await eventually(
        'journal',
        () => page.locator('#journal-list').innerText(),
        (text) => text.includes(EVIL),
      );
      for (const hash of [
        `#/pbx/${encodeURIComponent(EVIL)}`,
        `#/path/${encodeURIComponent(`${EVIL}>b.b1`)}`,
        `#/verdict/${encodeURIComponent(EVIL)}`,
      ]) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
        await eventually(
          'panel',
          () => page.locator('#panel').innerText(),
          (text) => text.includes('onerror') && !text.includes('knows it no longer'),
        );
      }
      assert.equal(await page.evaluate('window.owned'), undefined);
      assert.equal(await page.locator('img, iframe, body script, [onerror], [style*="javascript"]').count(), 0);
      assert.equal(await page.locator('a:not([href^="#"])').count(), 0);
      assert.equal(
        await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
        true,
        'long names do not widen the page',
      );
    },
  },
  {
    title: 'a deep link with markup or a broken escape opens nothing dangerous',
    run: async ({ open }) => {
      const { page } = await open(snapshot(), { hash: '#/path/%3Cimg%20src=x%20onerror=window.owned=1%3E' });
      await eventually(
        'panel',
        () => page.locator('#panel-title').innerText(),
        (title) => title.startsWith('<img src=x'),
      );
      await page.evaluate(`location.hash = '#/path/%E0%A4%A'`);
      await eventually(
        'panel',
        () => page.locator('#panel').isVisible(),
        (isVisible) => !isVisible,
      );
      assert.equal(await page.evaluate('window.owned'), undefined);
    },
  },
];
