import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import type { RunnerOutcome, RunnerQuestion, RunnerReply, RunnerRequest } from './node-sqlite-runner.ts';
import type { CommitOutcome, SqliteConnection, StatementOutcome } from './sqlite-connection.ts';
import { faultError, type SqliteFault } from './sqlite-fault.ts';

const RUNNER = new URL('./node-sqlite-runner.ts', import.meta.url);

/** The main thread's side of one worker. Every question is answered once: by the worker, or as `lost` when it ends. */
class WorkerLink {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (outcome: RunnerOutcome) => void>();
  #nextId = 1;
  #end: SqliteFault | undefined;
  /** Connections open or being opened; at none the thread is ended. */
  connections = 0;

  constructor(runnerUrl: URL) {
    const execArgv = process.execArgv.filter((flag) => flag.startsWith('--import='));
    this.#worker = new Worker(runnerUrl, { execArgv, resourceLimits: { maxYoungGenerationSizeMb: 2 } });
    this.#worker.on('message', ({ id, outcome }: RunnerReply) => this.#settle(id, outcome));
    this.#worker.on('error', (cause) => this.#finish(`worker failed: ${String(cause)}`));
    this.#worker.on('messageerror', (cause) => this.#finish(`worker sent an unreadable message: ${cause.message}`));
    this.#worker.on('exit', (exitCode) => this.#finish(`worker ended with exit code ${exitCode}`));
  }

  get isAlive(): boolean {
    return this.#end === undefined;
  }

  ask(question: RunnerQuestion): Promise<RunnerOutcome> {
    if (this.#end) return Promise.resolve({ ok: false, fault: this.#end });
    const { promise, resolve } = Promise.withResolvers<RunnerOutcome>();
    const id = this.#nextId;
    this.#nextId += 1;
    this.#waiting.set(id, resolve);
    this.#worker.postMessage({ id, question } satisfies RunnerRequest);
    return promise;
  }

  async release(): Promise<void> {
    this.connections -= 1;
    if (this.connections > 0) return;
    this.#end ??= { kind: 'closed', resultCode: 0, message: 'connection is closed' };
    await this.#worker.terminate();
  }

  #settle(id: number, outcome: RunnerOutcome): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(outcome);
  }

  #finish(message: string): void {
    this.#end ??= { kind: 'lost', resultCode: 0, message };
    for (const id of this.#waiting.keys()) this.#settle(id, { ok: false, fault: this.#end });
  }
}

/**
 * Makes an opener that uses the SQLite built into Node in a worker thread, so that neither a long query nor the wait
 * for the disk holds up the hub's event loop. Its connections share one thread, which ends with the last of them; after
 * the thread was lost, the next connection starts another.
 *
 * @param runnerUrl - program of the thread; tests put a failing one here.
 * @returns `file → connection`, rejecting with StoreError `STORE_OPEN_FAILED`.
 */
export function nodeSqliteOpener(runnerUrl: URL = RUNNER): (file: string) => Promise<SqliteConnection> {
  let shared: WorkerLink | undefined;
  let nextConnection = 1;
  return async (file) => {
    if (!shared?.isAlive) shared = new WorkerLink(runnerUrl);
    const connection = nextConnection;
    nextConnection += 1;
    return connect(shared, connection, file);
  };
}

async function connect(link: WorkerLink, connection: number, file: string): Promise<SqliteConnection> {
  link.connections += 1;
  const opened = await link.ask({ connection, kind: 'open', file });
  if (!opened.ok) {
    await link.release();
    const cause = faultError(opened.fault, 'open');
    throw new StoreError('STORE_OPEN_FAILED', `cannot open ${file}: ${opened.fault.message}`, { cause });
  }
  let closing: Promise<void> | undefined;
  return {
    read: async (statement) => asStatement(await link.ask({ connection, kind: 'read', statement })),
    commit: async (groups) => asCommit(await link.ask({ connection, kind: 'commit', groups })),
    close: () => {
      closing ??= link.ask({ connection, kind: 'close' }).then(() => link.release());
      return closing;
    },
  };
}

function asStatement(outcome: RunnerOutcome): StatementOutcome {
  if (outcome.ok && !('rows' in outcome)) throw new Error('worker answered a read with a commit');
  return outcome;
}

function asCommit(outcome: RunnerOutcome): CommitOutcome {
  if (outcome.ok && !('groups' in outcome)) throw new Error('worker answered a commit with a read');
  return outcome;
}
