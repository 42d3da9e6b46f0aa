import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { readHubConfig } from '../../server/config.ts';
import { startHub } from '../../server/hub-server.ts';
import { Secret } from '../../wire/secret.ts';
import { helloFrame } from '../support/probe-frames.ts';
import { type BrowserCase, eventually, type Stage } from './support/browser-case.ts';

const TOKENS = { watcher: 'a-viewer-of-the-orders-test', 'night-shift': 'an-operator-of-the-orders-test' } as const;
const PROBE = 'the-probe-of-the-orders-test-0001';

/** A real hub that enforces, with one PBX whose probe has said hello; a page signed in as one of its users. */
async function onRealHub(
  stage: Stage,
  work: (openAs: (user: keyof typeof TOKENS) => Promise<Page>) => Promise<void>,
): Promise<void> {
  const faults: string[] = [];
  const dataDir = await mkdtemp(join(tmpdir(), 'trunkward-orders-'));
  const source = { env: 'SET_BY_THE_TEST' };
  const read = readHubConfig({
    listen: { port: 0 },
    dataDir,
    sites: [{ site: 'fra' }],
    pbxes: [{ pbx: 'fra-1', site: 'fra', probe: 'probe-1', token: source }],
    providers: [
      { provider: 'telco-a', trunks: [{ trunk: 'a', edges: ['a1'] }] },
      { provider: 'telco-b', trunks: [{ trunk: 'b', edges: ['b1'] }] },
    ],
    classes: [{ class: 'national', trunks: ['a', 'b'] }],
    modes: [{ function: 'routing', mode: 'enforce' }],
    tokens: [
      { name: 'watcher', role: 'viewer', token: source },
      { name: 'night-shift', role: 'operator', token: source },
    ],
  });
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const users = Object.entries(TOKENS).map(([name, token]) => [name, new Secret(token)] as const);
  const secrets = { probeTokens: new Map([['fra-1', new Secret(PROBE)]]), userTokens: new Map(users) };
  const hub = await startHub(read.config, secrets, {
    logger: pino({ level: 'silent' }),
    softwareVersion: '0.0.0-test',
  });
  const probe = new WebSocket(`${hub.url.replace('http', 'ws')}/api/v1/probe`, {
    headers: { authorization: `Bearer ${PROBE}` },
  });
  probe.on('error', () => undefined);
  const targets = ['a', 'b'].map(
    (trunk) => ({ target: `${trunk}.${trunk}1`, kind: 'trunk', trunk, edge: `${trunk}1` }) as const,
  );
  probe.on('open', () =>
    probe.send(JSON.stringify(helloFrame({ targets, trunks: ['a', 'b'], classes: ['national'] }))),
  );
  try {
    await work(async (user) => {
      const context = await stage.browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
      page.on('console', (message) => {
        const isOfNetwork = /WebSocket connection|ERR_|Failed to load resource/.test(message.text());
        if (message.type() === 'error' && !isOfNetwork) faults.push(`console: ${message.text()}`);
      });
      await page.goto(`${hub.url}/`);
      await page.getByLabel('Token').fill(TOKENS[user]);
      await page.keyboard.press('Enter');
      await page.locator('#route-list a', { hasText: 'national' }).waitFor();
      return page;
    });
  } finally {
    probe.terminate();
    await hub.close();
    await rm(dataDir, { recursive: true, force: true });
  }
  assert.deepEqual(faults, []);
}

const text = (page: Page, selector: string): Promise<string> => page.locator(selector).innerText();

/** What people order of routes, on the page of the real hub. */
export const cases: readonly BrowserCase[] = [
  {
    title:
      'an operator sees why each trunk stands where it does, pins one by keyboard, takes the pin away, stops and releases routing',
    run: (stage) =>
      onRealHub(stage, async (openAs) => {
        const page = await openAs('night-shift');
        await page.locator('#route-list a', { hasText: 'national' }).press('Enter');
        await page.getByRole('heading', { name: 'national on fra-1' }).waitFor();
        const why = page.getByRole('table', { name: 'Why each trunk stands where it does' });
        await why.waitFor();
        assert.match(
          await why.innerText(),
          /a[\s\S]*100[\s\S]*unknown[\s\S]*as configured[\s\S]*b[\s\S]*standby[\s\S]*unknown/,
        );

        const pin = page.getByRole('form', { name: 'Pin fra-1 national', exact: true });
        await pin.getByLabel('Trunk to lead').selectOption('b');
        await pin.getByLabel('Reason').fill('trunk a cuts calls off');
        await pin.getByLabel('Reason').press('Enter');
        await eventually(
          'the effect',
          () => pin.getByRole('status').innerText(),
          (said) => said === '1 route moves at once, for a person ordered it.',
        );
        await eventually(
          'the route',
          () => text(page, '#panel-body'),
          (said) => /b leads: pinned by night-shift, trunk a cuts calls off\./.test(said),
        );
        assert.match(
          await text(page, '#order-list'),
          /pin[\s\S]*national on fra-1: b\. By night-shift: trunk a cuts calls off/,
        );
        await eventually(
          'the journal',
          () => text(page, '#journal-list'),
          (said) => /national on fra-1 moves from a to b, ordered by night-shift/.test(said),
        );
        await stage.picture(page, 'route-orders', true);

        const line = page.locator('#order-list .order-line', { hasText: 'national on fra-1' });
        await line.getByLabel('Reason').fill('mended');
        await line.getByRole('button', { name: 'Take away' }).press('Enter');
        await eventually(
          'the pin gone',
          () => text(page, '#order-list'),
          (said) => !said.includes('national on fra-1'),
        );

        const stop = page.getByRole('form', { name: 'Stop routing' });
        await stop.getByLabel('Reason').fill('core work');
        await stop.getByRole('button').press('Enter');
        await page.getByText('■ ROUTING STOPPED', { exact: true }).waitFor();
        assert.match(await text(page, '#order-list'), /routing stopped[\s\S]*By night-shift: core work/);
        const release = page.getByRole('form', { name: 'Release routing' });
        await release.getByLabel('Reason').fill('done');
        await release.getByRole('button').press('Enter');
        await page.getByText('■ ROUTING STOPPED', { exact: true }).waitFor({ state: 'detached' });
      }),
  },
  {
    title: 'a viewer sees orders and their state, and gets the command to hand on, with no form to order by',
    run: (stage) =>
      onRealHub(stage, async (openAs) => {
        const operator = await openAs('night-shift');
        await operator.locator('#route-list a', { hasText: 'national' }).click();
        const form = operator.getByRole('form', { name: /Begin maintenance/ });
        await form.getByLabel('Maintenance of').selectOption('provider telco-a');
        await form.getByLabel('Reason').fill('new router');
        await form.getByRole('button').click();
        const page = await openAs('watcher');
        await page.locator('#order-list', { hasText: 'provider telco-a. By night-shift: new router' }).waitFor();
        await page.locator('#route-list a', { hasText: 'national' }).click();
        const tier = page.locator('#explanation tr[data-tier="maintenance"] .chip');
        await tier.waitFor();
        assert.match(await tier.innerText(), /maintenance/);
        assert.equal(await page.locator('form[data-order]').count(), 0);
        await page.getByText('To pin a trunk: the command for an operator').click();
        const command = await page.locator('#panel-body .order-command code').first().innerText();
        assert.match(command, /^curl -X POST 'http:\/\/.+\/api\/v1\/routes\/pins' -H "Authorization: Bearer \$TOKEN"/);
      }),
  },
];
