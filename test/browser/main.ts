/**
 * The browser test: builds the page, opens it in a real Chromium and runs every case of the `*.browser.ts` files beside
 * this one, each of which exports `cases`. A file named on the command line runs alone. Pictures go to dist/browser.
 * A test before the real hub belongs into `hub.browser.ts`: it starts the hub itself and opens its address with
 * `stage.browser`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserCase, CaseStage } from './support/browser-case.ts';
import { launchChromium } from './support/chromium.ts';

const root = join(import.meta.dirname, '../..');
const pictures = join(root, 'dist/browser');
mkdirSync(pictures, { recursive: true });
execFileSync(
  process.execPath,
  [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn', 'dashboards/live'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);

const wanted = process.argv[2] ?? '.browser.ts';
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.browser.ts') && name.includes(wanted));
const browser = await launchChromium();
let passed = 0;
let failed = 0;
for (const file of files.toSorted()) {
  const { cases } = (await import(`./${file}`)) as { readonly cases: readonly BrowserCase[] };
  for (const { title, run } of cases) {
    const fault = await outcome(run);
    if (fault === undefined) passed += 1;
    else failed += 1;
    process.stdout.write(
      `${fault === undefined ? 'ok    ' : 'FAILED'} ${file}: ${title}${fault === undefined ? '' : `\n${fault}`}\n`,
    );
  }
}
await browser.close();
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** Runs one case on a stage of its own, and gives the fault in words, the page's own faults included. */
async function outcome(run: BrowserCase['run']): Promise<string | undefined> {
  const stage = new CaseStage(join(root, 'dist/live'), browser, pictures);
  const faults = [await faultOf(run(stage)), await faultOf(stage.close())].filter((fault) => fault !== undefined);
  return faults.length === 0 ? undefined : faults.join('\n');
}

async function faultOf(work: Promise<void>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
