/**
 * The thread in which `node:sqlite`, which is synchronous, works: started by `node-sqlite-client.ts` only. It holds any
 * number of open files under numbers that the asker chooses; requests are answered in order, one reply each.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { commitGroups } from './group-transaction.ts';
import { hasUnsafeInteger } from './sql-value.ts';
import type { CommitOutcome, Statement, StatementOutcome } from './sqlite-connection.ts';
import { faultKind, type SqliteFault } from './sqlite-fault.ts';

/** What is asked of the connection numbered `connection`. */
export type RunnerQuestion = { readonly connection: number } & (
  | { readonly kind: 'open'; readonly file: string }
  | { readonly kind: 'read'; readonly statement: Statement }
  | { readonly kind: 'commit'; readonly groups: readonly (readonly Statement[])[] }
  | { readonly kind: 'close' }
);

/** A question under its number, one up for each. */
export type RunnerRequest = { readonly id: number; readonly question: RunnerQuestion };

/** What the thread answers. */
export type RunnerOutcome = StatementOutcome | CommitOutcome;

/** Answer to the request of the same `id`. */
export type RunnerReply = { readonly id: number; readonly outcome: RunnerOutcome };

/** Prepared statements kept at once per connection; above it the cache starts afresh. */
const MAX_PREPARED = 256;

type Open = { readonly database: DatabaseSync; readonly prepared: Map<string, StatementSync> };

const DONE: StatementOutcome = { ok: true, rows: [] };
const CLOSED: StatementOutcome = {
  ok: false,
  fault: { kind: 'closed', resultCode: 0, message: 'connection is closed' },
};
const UNSAFE_INTEGER: StatementOutcome = {
  ok: false,
  fault: { kind: 'unsafe-integer', resultCode: 0, message: 'integer beyond 2^53 - 1 in a row' },
};

/** Answers what comes in at `port` until the thread is ended. */
export function serve(port: MessagePort): void {
  const connections = new Map<number, Open>();
  const respond = async (before: Promise<void>, { id, question }: RunnerRequest): Promise<void> => {
    await before;
    const outcome = await answer(connections, question);
    port.postMessage({ id, outcome } satisfies RunnerReply);
  };
  let tail: Promise<void> = Promise.resolve();
  port.on('message', (request: RunnerRequest) => {
    tail = respond(tail, request);
  });
}

async function answer(connections: Map<number, Open>, question: RunnerQuestion): Promise<RunnerOutcome> {
  const held = connections.get(question.connection);
  switch (question.kind) {
    case 'open':
      return attempt(() => {
        connections.set(question.connection, { database: new DatabaseSync(question.file), prepared: new Map() });
        return DONE;
      });
    case 'read':
      return held ? run(held, question.statement) : CLOSED;
    case 'commit':
      return held ? commitGroups((statement) => run(held, statement), question.groups) : CLOSED;
    case 'close':
      connections.delete(question.connection);
      return attempt(() => {
        held?.database.close();
        return DONE;
      });
    default:
      return question satisfies never;
  }
}

function run({ database, prepared }: Open, { sql, parameters }: Statement): StatementOutcome {
  return attempt(() => {
    let ready = prepared.get(sql);
    if (!ready) {
      if (prepared.size >= MAX_PREPARED) prepared.clear();
      ready = database.prepare(sql);
      prepared.set(sql, ready);
    }
    const rows = ready.all(...parameters);
    return rows.some(hasUnsafeInteger) ? UNSAFE_INTEGER : { ok: true, rows };
  });
}

function attempt(action: () => StatementOutcome): StatementOutcome {
  try {
    return action();
  } catch (cause) {
    return { ok: false, fault: sqliteFault(cause) };
  }
}

/** @see Node.js documentation, sqlite: `errcode` is SQLite's extended result code. */
function sqliteFault(cause: unknown): SqliteFault {
  if (!(cause instanceof Error)) throw new Error('node:sqlite threw what is no Error', { cause });
  const { errcode, code } = cause as Error & { readonly errcode?: unknown; readonly code?: unknown };
  if (code === 'ERR_OUT_OF_RANGE') return { kind: 'unsafe-integer', resultCode: 0, message: cause.message };
  const resultCode = typeof errcode === 'number' ? errcode : 0;
  return { kind: faultKind(resultCode), resultCode, message: cause.message };
}

if (parentPort) serve(parentPort);
