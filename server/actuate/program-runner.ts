import { type ChildProcess, spawn } from 'node:child_process';
import type { AttemptResult } from './delivery-schedule.ts';
import type { HookProgram } from './hook-policy.ts';

/** After the request to end, so long until a program is killed. */
const KILL_AFTER_MS = 1000;

/** What a program is given: the message on its standard input, and these in its environment. */
export type ProgramMessage = { readonly id: string; readonly attempt: number; readonly body: string };

type RunSettings = Pick<HookProgram, 'program' | 'args' | 'env' | 'timeoutMs' | 'maxOutputBytes'>;

/**
 * Runs a program of the hub's own file once, without a shell: the message is its standard input, one line of JSON. Status 0 says
 * that it is done. It is ended, with all that it started in its process group, when its time is over or `signal` says so.
 */
export function runProgram(
  { args, env, maxOutputBytes, program, timeoutMs }: RunSettings,
  message: ProgramMessage,
  signal: AbortSignal,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      cwd: '/',
      env: { ...env, TRUNKWARD_DELIVERY_ID: message.id, TRUNKWARD_ATTEMPT: String(message.attempt) },
      shell: false,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const said = keepHead(child, maxOutputBytes);
    let why: string | undefined;
    let killTimer: NodeJS.Timeout | undefined;
    const end = (reason: string): void => {
      if (why !== undefined) return;
      why = reason;
      killGroup(child, 'SIGTERM');
      killTimer = setTimeout(() => killGroup(child, 'SIGKILL'), KILL_AFTER_MS);
    };
    const timer = setTimeout(() => end(`not done within ${timeoutMs} ms`), timeoutMs);
    const onAbort = (): void => end('the hub ends');
    const settle = (result: AttemptResult): void => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      signal.removeEventListener('abort', onAbort);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve(result);
    };
    child.once('error', (cause: NodeJS.ErrnoException) =>
      settle({ kind: 'refused', reason: `${program} cannot be run: ${cause.code ?? cause.message}` }),
    );
    child.once('exit', (code, killedBy) => {
      if (why !== undefined) {
        killGroup(child, 'SIGKILL');
        settle({ kind: 'failed', reason: why });
        return;
      }
      if (code === 0) settle({ kind: 'made' });
      else settle({ kind: 'failed', reason: `${killedBy ?? `status ${code}`}${said()}` });
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${message.body}\n`);
  });
}

/** Reads all that a program says, and keeps the first bytes. */
function keepHead(child: ChildProcess, maxBytes: number): () => string {
  let head = Buffer.alloc(0);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (head.length < maxBytes) head = Buffer.concat([head, chunk.subarray(0, maxBytes - head.length)]);
    });
    stream?.on('error', () => undefined);
  }
  return () => {
    const text = head
      .toString('utf8')
      .replaceAll(/[^ -~]+/g, ' ')
      .trim();
    return text === '' ? '' : `: ${text}`;
  };
}

function killGroup({ pid }: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}
