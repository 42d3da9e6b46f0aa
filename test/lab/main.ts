import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureAsteriskRoot } from './asterisk-root.ts';
import { run } from './command.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { currentCommit, passedAt, saveResult } from './result-file.ts';
import { cleanCrashedRuns } from './run-record.ts';
import { runScenario, type ScenarioResult } from './runner.ts';
import type { Scenario } from './scenario.ts';

const USAGE = `usage: npm run test:lab [-- [--full [--again]] [SCENARIO...]]
  --full   every scenario; those that passed at this commit are not run again
  --again  run them again`;

const RESULT_PATH = join(import.meta.dirname, '../../dist/lab-results.json');

async function loadScenarios(): Promise<readonly Scenario[]> {
  const folder = join(import.meta.dirname, 'scenarios');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).toSorted();
  const found: Scenario[] = [];
  for (const name of names) {
    const module = (await import(join(folder, name))) as Partial<Record<'scenario', Scenario>> &
      Partial<Record<'scenarios', readonly Scenario[]>>;
    const own = module.scenarios ?? (module.scenario === undefined ? [] : [module.scenario]);
    if (own.length === 0) throw new Error(`${name}: no scenario`);
    found.push(...own);
  }
  return found;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { full: { type: 'boolean' }, again: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (process.getuid?.() !== 0) {
    console.error('the lab makes network namespaces: run it as root on Debian 12');
    return 2;
  }
  const all = await loadScenarios();
  const unknown = positionals.filter((name) => !all.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    console.error(`no such scenario: ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  }

  for (const runId of await cleanCrashedRuns()) console.log(`cleaned what run ${runId} left`);
  const installed = await ensureDebianPackages();
  if (installed.length > 0) console.log(`installed ${installed.join(', ')}`);
  const root = await ensureAsteriskRoot();
  console.log(`${root.version}${root.builtNow ? ', built now' : ', cached'}`);

  await run([process.execPath, join(import.meta.dirname, '../../trunkward.js'), 'prepare']);
  const isFull = values.full === true;
  const commit = await currentCommit();
  const done = isFull && values.again !== true ? await passedAt(RESULT_PATH, commit) : new Set<string>();
  const chosen = all.filter((scenario) =>
    positionals.length > 0 ? positionals.includes(scenario.name) : isFull || scenario.smoke,
  );
  const results: ScenarioResult[] = [];
  for (const [index, scenario] of chosen.entries()) {
    if (controller.signal.aborted) break;
    if (done.has(scenario.name)) {
      console.log(`---- ${scenario.name}: passed at this commit before, not run`);
      continue;
    }
    const runId = `tw${process.pid}-${index}`;
    const result = await runScenario(scenario, { root, signal: controller.signal, runId, isFull });
    results.push(result);
    if (isFull) await saveResult(RESULT_PATH, commit, result);
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && !controller.signal.aborted ? 0 : 1;
}

process.exitCode = await main();
