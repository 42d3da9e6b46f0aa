import assert from 'node:assert/strict';
import { type BrowserCase, eventually } from './support/browser-case.ts';
import { path, pbx, snapshot } from './support/fleet.ts';

const fleet = snapshot({ pbxes: [pbx('fra-1')], paths: [path('fra-1', 'b.b1', 'telco-b')] });
const TOKEN = 'viewer-tökén+/=with every kind of sign';

/** Tokens: asked for only when the hub wants one, sent as a subprotocol, never in an address. */
export const cases: readonly BrowserCase[] = [
  {
    title: 'a hub that lets anyone view is shown without a question',
    run: async ({ open }) => {
      const { page } = await open(fleet);
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      assert.equal(await page.locator('#sign-in').isVisible(), false);
    },
  },
  {
    title: 'close code 4401 asks for a token; a wrong one is refused in words, the right one is kept for the tab only',
    run: async ({ open, picture }) => {
      const { page, server } = await open(fleet, {
        before: async ({ server: hub }) => {
          hub.admission = { token: TOKEN, otherwise: 4401 };
        },
      });
      const dialog = page.getByRole('dialog', { name: 'Sign in' });
      await dialog.waitFor();
      assert.match(await dialog.innerText(), /only to those with a token/);
      await picture(page, 'sign-in-light');
      await page.getByLabel('Token').fill('wrong');
      await page.keyboard.press('Enter');
      await eventually(
        'words',
        () => page.locator('#sign-in-why').innerText(),
        (words) => /does not know this token/.test(words),
      );
      await page.getByLabel('Token').fill(TOKEN);
      await page.getByRole('button', { name: 'View' }).click();
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      assert.equal(await dialog.isVisible(), false);
      await page.reload();
      await page.getByRole('heading', { level: 1, name: 'The only path is healthy.' }).waitFor();
      assert.equal(await page.evaluate('localStorage.length'), 0);
      assert.ok(server.requested.every((address) => !address.includes('viewer') && !address.includes('?')));
      assert.ok(!page.url().includes('viewer'));
    },
  },
  {
    title: 'close code 4403 says that the role does not suffice',
    run: async ({ open }) => {
      const { page } = await open(fleet, {
        before: async ({ server }) => {
          server.admission = { token: TOKEN, otherwise: 4403 };
        },
      });
      await eventually(
        'words',
        () => page.locator('#sign-in-why').innerText(),
        (words) => /may not view/.test(words),
      );
    },
  },
];
