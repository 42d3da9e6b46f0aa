import assert from 'node:assert/strict';
import { badNight } from './support/bad-night.ts';
import { type BrowserCase, eventually } from './support/browser-case.ts';
import { down, path, pbx, route, snapshot } from './support/fleet.ts';

const healthy = snapshot({ pbxes: [pbx('fra-1')], paths: [path('fra-1', 'b.b1', 'telco-b')] });
const broken = snapshot({ pbxes: [pbx('fra-1')], paths: [path('fra-1', 'b.b1', 'telco-b', down())] });

/** The page against a hub that skips, falls silent, hangs up or speaks nonsense. */
export const cases: readonly BrowserCase[] = [
  {
    title: 'a gap in the numbers is asked about once, and the snapshot that follows is shown',
    run: async ({ open }) => {
      const { page, server } = await open(healthy);
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      server.isHushed = true;
      server.set(broken);
      server.send([]);
      server.lose();
      server.send([{ kind: 'path', value: path('fra-1', 'b.b1', 'telco-b', { reason: 'after the gap' }) }]);
      server.send([]);
      await page.getByRole('heading', { level: 1, name: '1 path hard-down; no verdict on whose fault yet.' }).waitFor();
      assert.deepEqual(
        server.received.map((message) => (JSON.parse(message) as { type: string }).type),
        ['resume'],
      );
      assert.equal(server.connections, 1);
      server.send([{ kind: 'path', value: path('fra-1', 'b.b1', 'telco-b') }]);
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
    },
  },
  {
    title: 'silence of 6 seconds is said loudly, the figures greyed, and nothing is called healthy any more',
    run: async ({ open, picture }) => {
      const { page, server } = await open(badNight(), { before: ({ page: opened }) => opened.clock.install() });
      await page.getByRole('heading', { level: 1, name: /telco-a/ }).waitFor();
      server.isHushed = true;
      assert.equal(await page.locator('#stale').isVisible(), false);
      await page.clock.fastForward(7000);
      await page.locator('#stale').waitFor();
      assert.match(await page.locator('#stale').innerText(), /STALE: no word from the hub[\s\S]*may be wrong/);
      await page.getByRole('heading', { level: 1, name: 'Nothing is known now: the hub is silent.' }).waitFor();
      assert.match(
        await page.locator('#clauses').innerText(),
        /Last known at 0\d:\d\d:\d\d: Provider telco-a is at fault/,
      );
      assert.match(
        await page.evaluate<string>(`getComputedStyle(document.querySelector('#paths')).filter`),
        /grayscale\(1\)/,
      );
      assert.match(await page.title(), /^\? Nothing is known/);
      await picture(page, 'stale-light');
      server.isHushed = false;
      await eventually(
        'banner',
        () => page.locator('#stale').isVisible(),
        (isVisible) => !isVisible,
      );
      await page.getByRole('heading', { level: 1, name: /telco-a/ }).waitFor();
    },
  },
  {
    title: '12 seconds of silence on an open connection make the page give it up and connect anew',
    run: async ({ open }) => {
      const { page, server } = await open(healthy, { before: ({ page: opened }) => opened.clock.install() });
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      server.isHushed = true;
      await page.clock.fastForward(13_000);
      await page.clock.fastForward(2000);
      await eventually(
        'connections',
        () => server.connections,
        (count) => count === 2,
      );
      await eventually(
        'banner',
        () => page.locator('#stale').isVisible(),
        (isVisible) => !isVisible,
      );
    },
  },
  {
    title: 'after the hub hangs up the page comes back by itself and shows the new snapshot',
    run: async ({ open }) => {
      const { page, server } = await open(healthy);
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      server.set({ ...broken, sequence: 1 });
      server.hangUp();
      await page.getByRole('heading', { level: 1, name: /1 path hard-down/ }).waitFor();
      assert.equal(server.connections, 2);
    },
  },
  {
    title: 'text that is no message ends the connection and never reaches the page',
    run: async ({ open }) => {
      const { page, server } = await open(healthy);
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      server.sendRaw('<html>502 Bad Gateway</html>');
      await eventually(
        'connections',
        () => server.connections,
        (count) => count === 2,
      );
      server.sendRaw('{"type":"delta","sequence":"7","changes":[]}');
      await eventually(
        'connections',
        () => server.connections,
        (count) => count === 3,
      );
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
    },
  },
  {
    title: 'a path and a route that are configured no more leave the open page, and an open panel says so',
    run: async ({ open }) => {
      const { page, server } = await open(
        snapshot({
          pbxes: [pbx('fra-1')],
          paths: [path('fra-1', 'b.b1', 'telco-b'), path('fra-1', 'c.c1', 'telco-c')],
          routes: [route('fra-1', 'national', ['b', 'c'])],
        }),
      );
      await page.locator('#matrix a.cell').first().waitFor();
      assert.equal(await page.locator('#matrix a.cell').count(), 2);
      await page.locator('#routes').getByText('national').first().waitFor();
      await page.evaluate(`location.hash = '#/path/${encodeURIComponent('fra-1>c.c1')}'`);
      await page.locator('#panel-title', { hasText: 'c.c1' }).waitFor();
      server.send([
        { kind: 'gone', value: { of: 'path', key: 'fra-1>c.c1' } },
        { kind: 'gone', value: { of: 'route', pbx: 'fra-1', class: 'national' } },
      ]);
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      assert.equal(await page.locator('#matrix a.cell').count(), 1);
      assert.match(await page.locator('#panel-body').innerText(), /knows it no longer/);
      assert.equal(await page.locator('#routes').getByText('national').count(), 0);
    },
  },
];
