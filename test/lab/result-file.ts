import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { tryRun } from './command.ts';
import type { ScenarioResult } from './runner.ts';

/** Results of the full set at one commit. */
export type LabResults = { readonly commit: string; readonly scenarios: readonly ScenarioResult[] };

/**
 * Names the state of the tree: the commit, or `undefined` when there is none or files differ from it, so that a result is
 * never carried over to other code.
 */
export async function currentCommit(): Promise<string | undefined> {
  const head = await tryRun(['git', 'rev-parse', 'HEAD']);
  const changes = await tryRun(['git', 'status', '--porcelain']);
  return head.exitCode === 0 && changes.exitCode === 0 && changes.stdout === '' ? head.stdout.trim() : undefined;
}

/** Names of the scenarios that passed at this commit. */
export async function passedAt(path: string, commit: string | undefined): Promise<ReadonlySet<string>> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined || commit === undefined) return new Set();
  const results = JSON.parse(text) as LabResults;
  if (results.commit !== commit) return new Set();
  return new Set(results.scenarios.filter(({ failed }) => failed === 0).map(({ name }) => name));
}

/** Adds one result, replacing an older one of the same name; results of another commit are dropped. Written whole or not at all. */
export async function saveResult(path: string, commit: string | undefined, result: ScenarioResult): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const before = text === undefined ? undefined : (JSON.parse(text) as LabResults);
  const kept = before !== undefined && before.commit === commit ? before.scenarios : [];
  const results: LabResults = {
    commit: commit ?? 'uncommitted',
    scenarios: [...kept.filter(({ name }) => name !== result.name), result],
  };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, `${JSON.stringify(results, null, 2)}\n`);
  await rename(`${path}.new`, path);
}
