import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Page } from 'playwright-core';
import { readHubConfig } from '../../server/config.ts';
import { startHub } from '../../server/hub-server.ts';
import { Secret } from '../../wire/secret.ts';
import { SimFleet } from '../scenarios/demo/sim-fleet.ts';
import { type BrowserCase, eventually, type Stage } from './support/browser-case.ts';

const PORT = 18_700;
const VIEWER = 'a-viewer-token-of-the-browser-test';
const SLOW_MS = 40_000;

async function openPage(stage: Stage, address: string, faults: string[]): Promise<Page> {
  const context = await stage.browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(SLOW_MS);
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    const isOfNetwork = /WebSocket connection|ERR_/.test(message.text());
    if (message.type() === 'error' && !isOfNetwork) faults.push(`console: ${message.text()}`);
  });
  await page.goto(address);
  return page;
}

const headline = (page: Page): Promise<string> => page.locator('h1').first().innerText();

const NAMES = { 'mos-nb': 'MOS, narrow band, to there', 'sip-loss': 'SIP OPTIONS loss, there and back' } as const;

/** Opens a panel and every figure in it: each says its n, source and age, and its interval or that there is none. */
async function assertGrounds(page: Page, address: string, kind: keyof typeof NAMES): Promise<void> {
  await page.goto(address);
  const figures = page.locator('#figures');
  await eventually(
    `figure ${kind}`,
    () => figures.locator('summary .name').allInnerTexts(),
    (names) => names.includes(NAMES[kind]),
    SLOW_MS,
  );
  const texts = await figures.locator('details').allTextContents();
  assert.ok(texts.length > 2, texts.join('\n'));
  for (const text of texts) {
    assert.match(text, /n = [\d,]+ \(.+\)( in .+)?\./);
    assert.match(text, /Interval .+ to .+\.|No interval can be stated\./);
    assert.match(text, /Source: .{10,}\./);
    assert.match(text, /Newest: \d/);
  }
}

/** The page before the real hub: the demo's fleet, and a hub that wants a token. */
export const cases: readonly BrowserCase[] = [
  {
    title:
      'a dead provider shows on the page of the real hub: verdict, moved routes, journal; and a killed hub is said to be stale',
    run: async (stage) => {
      const faults: string[] = [];
      const fleet = await SimFleet.start(PORT);
      try {
        await eventually(
          'hub',
          () =>
            fetch(`${fleet.url}/healthz`).then(
              ({ ok }) => ok,
              () => false,
            ),
          Boolean,
          SLOW_MS,
        );
        const page = await openPage(stage, `${fleet.url}/`, faults);
        await eventually(
          'all well',
          () => headline(page),
          (text) => /healthy/i.test(text),
          SLOW_MS,
        );
        await eventually(
          'cells',
          () => page.locator('#matrix a.cell').count(),
          (count) => count === 18,
          SLOW_MS,
        );
        await assertGrounds(page, `${fleet.url}/#/trunk/${encodeURIComponent('*>d')}`, 'mos-nb');
        await assertGrounds(page, `${fleet.url}/#/path/${encodeURIComponent('fra-1>d.d1')}`, 'sip-loss');
        await page.goto(`${fleet.url}/#/`);
        fleet.edges.get('telco-a')?.set({ isBlackHole: true });
        await eventually(
          'verdict',
          () => page.locator('main').innerText(),
          (text) => /provider telco-a/i.test(text),
          SLOW_MS,
        );
        await eventually(
          'moved routes',
          () => page.locator('main').innerText(),
          (text) => /3 routes moved/.test(text),
          SLOW_MS,
        );
        assert.match(await page.locator('main').innerText(), /national on fra-1 moves from a to b, ordered by planner/);
        await stage.picture(page, 'real-hub-black-hole', true);
        await fleet.hub.end('SIGKILL');
        await eventually(
          'staleness',
          () => page.locator('body').innerText(),
          (text) => /stale|no news|not live/i.test(text),
          SLOW_MS,
        );
        fleet.edges.get('telco-a')?.set({ isBlackHole: false });
        fleet.hub.start();
        await eventually(
          'back',
          () => page.locator('header.top').innerText(),
          (text) => /live/i.test(text),
          SLOW_MS,
        );
      } finally {
        await fleet.close();
      }
      assert.deepEqual(faults, []);
    },
  },
  {
    title: 'the real hub asks for a token, refuses a wrong one, and shows the role of the right one',
    run: async (stage) => {
      const faults: string[] = [];
      const dataDir = await mkdtemp(join(tmpdir(), 'trunkward-browser-'));
      const source = { env: 'SET_BY_THE_TEST' };
      const read = readHubConfig({
        listen: { port: 0 },
        dataDir,
        sites: [{ site: 'fra' }],
        pbxes: [{ pbx: 'fra-1', site: 'fra', probe: 'probe-1', token: source }],
        providers: [{ provider: 'telco-a', trunks: [{ trunk: 'a', edges: ['a1'] }] }],
        classes: [{ class: 'national', trunks: ['a'] }],
        tokens: [{ name: 'watcher', role: 'viewer', token: source }],
      });
      if (!read.ok) throw new Error(JSON.stringify(read.faults));
      const secrets = { probeTokens: new Map(), userTokens: new Map([['watcher', new Secret(VIEWER)]]) };
      const options = { logger: pino({ level: 'silent' }), softwareVersion: '0.0.0-test' };
      const hub = await startHub(read.config, secrets, options);
      try {
        const page = await openPage(stage, `${hub.url}/`, faults);
        await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
        await page.getByLabel('Token').fill('not-the-token-of-anybody');
        await page.keyboard.press('Enter');
        await eventually(
          'refusal',
          () => page.locator('#sign-in-why').innerText(),
          (text) => /does not know/.test(text),
        );
        await page.getByLabel('Token').fill(VIEWER);
        await page.keyboard.press('Enter');
        await eventually(
          'role',
          () => page.locator('header.top').innerText(),
          (text) => /viewer/.test(text),
        );
        assert.equal(await page.getByRole('dialog', { name: 'Sign in' }).isVisible(), false);
      } finally {
        await hub.close();
        await rm(dataDir, { recursive: true, force: true });
      }
      assert.deepEqual(faults, []);
    },
  },
];
