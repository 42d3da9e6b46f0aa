import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { evidenceHtml } from '../../server/evidence/evidence-html.ts';
import type { PackInput } from '../../server/evidence/pack-input.ts';
import { kept, pack, STYLE_DIGEST } from '../server/evidence/evidence-fixture.ts';
import { badNight } from './support/bad-night.ts';
import { type BrowserCase, eventually, type Stage } from './support/browser-case.ts';

const EVIL = `"><script>window.owned=1</script><img src=x onerror="window.owned=1">`;
/** Width of A4 between the margins of the page, CSS pixels (186 mm at 96 to the inch). */
const PAPER_WIDTH = 703;

/** Opens a pack's page from a file, as somebody does who got it by mail; faults and requests are kept. */
async function withPage(
  stage: Stage,
  html: string,
  work: (page: Page, seen: { readonly faults: string[]; readonly requests: string[] }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'trunkward-evidence-'));
  const context = await stage.browser.newContext({ viewport: { width: 1100, height: 900 } });
  try {
    const file = join(folder, 'evidence.html');
    await writeFile(file, html);
    const page = await context.newPage();
    const seen = { faults: [] as string[], requests: [] as string[] };
    page.on('pageerror', (error) => seen.faults.push(error.message));
    page.on('console', (message) => seen.faults.push(message.text()));
    page.on('request', (request) => seen.requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    await work(page, seen);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function hostile(): string {
  const place = { kind: 'provider', provider: EVIL } as never;
  const changes: Partial<PackInput> = {
    softwareVersion: EVIL,
    verdict: kept({ verdictId: EVIL, place, group: [place], sentence: EVIL, witnesses: [EVIL] }),
    journal: [{ atEpochMs: 0, kind: 'hub-started', actor: EVIL, sentence: EVIL, scope: {}, detail: undefined }],
  };
  return evidenceHtml(pack(changes), STYLE_DIGEST);
}

/** The evidence of a verdict as a page, on paper, and from the panel of the live page. */
export const cases: readonly BrowserCase[] = [
  {
    title: 'the page of a pack is styled, draws its charts, loads nothing, and breaks no policy of its own',
    run: async (stage) => {
      await withPage(stage, evidenceHtml(pack(), STYLE_DIGEST), async (page, { faults, requests }) => {
        assert.match(await page.locator('h1').innerText(), /^Packet loss at the provider telco-a, since 2026-03-14/);
        assert.equal(await page.locator('svg[role="img"]').count(), 4);
        const stroke = await page.evaluate<string>(
          `getComputedStyle(document.querySelector('svg path.line.inside')).stroke`,
        );
        assert.equal(stroke, 'rgb(179, 38, 30)', 'the style sheet counts');
        assert.ok(((await page.locator('svg path.line.inside').first().boundingBox())?.width ?? 0) > 100);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
        await stage.picture(page, 'evidence', true);
        assert.equal(requests.length, 1);
        assert.deepEqual(faults, []);
      });
    },
  },
  {
    title: 'printed it is A4, on a few pages, and nothing is cut off at the right',
    run: async (stage) => {
      await withPage(stage, evidenceHtml(pack(), STYLE_DIGEST), async (page, { faults }) => {
        const paper = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
        assert.match(paper, /^%PDF-1\./);
        const pages = paper.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
        assert.ok(pages >= 2 && pages <= 8, `${pages} pages`);
        for (const [, width, height] of paper.matchAll(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/g)) {
          assert.ok(
            Math.abs(Number(width) - 595.3) < 1 && Math.abs(Number(height) - 841.9) < 1,
            `${width} x ${height}`,
          );
        }
        await page.emulateMedia({ media: 'print' });
        await page.setViewportSize({ width: PAPER_WIDTH, height: 1000 });
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), PAPER_WIDTH);
        assert.deepEqual(faults, []);
      });
    },
  },
  {
    title: 'hostile names are text in it: nothing runs, no element comes of them',
    run: async (stage) => {
      await withPage(stage, hostile(), async (page, { faults, requests }) => {
        assert.ok((await page.locator('h1').innerText()).includes('<script>window.owned=1</script>'));
        assert.equal(await page.evaluate('window.owned'), undefined);
        assert.equal(await page.locator('script, img, iframe, a, [onerror]').count(), 0);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
        assert.equal(requests.length, 1);
        assert.deepEqual(faults, []);
      });
    },
  },
  {
    title:
      "a verdict's panel hands out its evidence as files, asked for with the token of the tab, and says when it cannot",
    run: async ({ open }) => {
      const asked: string[] = [];
      const { page } = await open(badNight(), { hash: '#/verdict/v-2026-03-14-0007' });
      await page.route('**/evidence.*', async (route) => {
        asked.push(new URL(route.request().url()).pathname);
        if (route.request().url().endsWith('.json')) await route.fulfill({ body: '{"format":"trunkward-evidence-1"}' });
        else await route.abort('connectionreset');
      });
      const files = page.locator('.evidence-files');
      const coming = page.waitForEvent('download');
      await files.getByRole('button', { name: 'JSON' }).click();
      const download = await coming;
      assert.equal(download.suggestedFilename(), 'evidence-v-2026-03-14-0007.json');
      assert.equal(await readFile(await download.path(), 'utf8'), '{"format":"trunkward-evidence-1"}');
      await files.getByRole('button', { name: 'CSV' }).click();
      await eventually(
        'what is said',
        () => files.innerText(),
        (text) => text.includes('Not to be had: Failed to fetch'),
      );
      const folder = '/api/v1/verdicts/v-2026-03-14-0007/';
      assert.deepEqual(asked, [`${folder}evidence.json`, `${folder}evidence.csv`]);
    },
  },
];
