import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tryRun } from './command.ts';

/** A process as the kernel knows it: a pid alone may be used again, pid and start time together are not. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: string };

/** What a run has made on this machine, written before it is made, so that a crashed run can be cleaned by the next. */
export type RunRecord = {
  readonly runner: ProcessIdentity;
  readonly namespaces: readonly string[];
  readonly processes: readonly ProcessIdentity[];
  readonly folders: readonly string[];
};

const RECORDS = '/run/trunkward-lab';

/**
 * Reads a process's start time.
 *
 * @returns clock ticks since boot as the kernel prints them, or `undefined` when there is no such process (or a zombie).
 * @see proc_pid_stat(5), fields 3 (state) and 22 (starttime)
 */
export function startTicksOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH') {
      return undefined;
    }
    throw error;
  }
}

/** True while exactly that process, not another with the same pid, is running. */
export function isRunning(identity: ProcessIdentity): boolean {
  return startTicksOf(identity.pid) === identity.startTicks;
}

/** The record of the run under way. Every change is on disk when the call returns. */
export class RunRecorder {
  readonly #path: string;
  #record: RunRecord;

  constructor(runId: string) {
    mkdirSync(RECORDS, { recursive: true });
    this.#path = join(RECORDS, `${runId}.json`);
    const startTicks = startTicksOf(process.pid) ?? '';
    this.#record = { runner: { pid: process.pid, startTicks }, namespaces: [], processes: [], folders: [] };
    this.#write();
  }

  addNamespace(name: string): void {
    this.#record = { ...this.#record, namespaces: [...this.#record.namespaces, name] };
    this.#write();
  }

  addProcess(identity: ProcessIdentity): void {
    this.#record = { ...this.#record, processes: [...this.#record.processes.filter(isRunning), identity] };
    this.#write();
  }

  addFolder(path: string): void {
    this.#record = { ...this.#record, folders: [...this.#record.folders, path] };
    this.#write();
  }

  /** Removes all that is recorded and then the record itself. Safe to call again. */
  async cleanUp(): Promise<void> {
    await removeRecorded(this.#record);
    rmSync(this.#path, { force: true });
  }

  #write(): void {
    writeFileSync(this.#path, JSON.stringify(this.#record));
  }
}

/** Ends what still runs inside one of our namespaces, by pid, and deletes it. Nothing when it is gone already. */
async function deleteNamespace(name: string): Promise<void> {
  const { exitCode, stdout } = await tryRun(['ip', 'netns', 'pids', name]);
  if (exitCode !== 0) return;
  const pids = stdout.split(/\s+/).filter((pid) => pid !== '');
  if (pids.length > 0) await tryRun(['kill', '-KILL', ...pids]);
  await tryRun(['ip', 'netns', 'delete', name]);
}

async function removeRecorded(record: RunRecord): Promise<void> {
  for (const identity of record.processes) {
    if (isRunning(identity)) process.kill(identity.pid, 'SIGKILL');
  }
  for (const name of record.namespaces) await deleteNamespace(name);
  for (const path of record.folders) await rm(path, { recursive: true, force: true });
}

/**
 * Cleans what crashed runs left, by their records only: a run whose runner is alive is not touched.
 *
 * @returns ids of the runs that were cleaned.
 */
export async function cleanCrashedRuns(): Promise<readonly string[]> {
  mkdirSync(RECORDS, { recursive: true });
  const cleaned: string[] = [];
  for (const name of readdirSync(RECORDS)) {
    const path = join(RECORDS, name);
    const record = JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
    if (isRunning(record.runner)) continue;
    await removeRecorded(record);
    rmSync(path, { force: true });
    cleaned.push(name.replace(/\.json$/, ''));
  }
  return cleaned;
}
