import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A program of this folder in a process of its own. */
export type StoreChild = {
  /** Whole lines printed so far. */
  readonly lines: () => readonly string[];
  readonly kill: () => void;
  /** Takes the limit on the length of its files away. */
  readonly raiseFileSize: () => void;
  readonly ended: () => Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
};

/** Starts a program, killed at the latest when the test ends. `wrapper` is a command that runs another, with its options. */
export function childOf(program: string, args: readonly string[], wrapper: readonly string[] = []): StoreChild {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const [command = process.execPath, ...rest] = [...wrapper, process.execPath, path, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = once(child, 'close').then(([exitCode, signal]: unknown[]) => ({
    exitCode: typeof exitCode === 'number' ? exitCode : null,
    signal: typeof signal === 'string' ? signal : null,
  }));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    lines: () => text.split('\n').slice(0, -1),
    kill: () => {
      child.kill('SIGKILL');
    },
    raiseFileSize: () => {
      const { status, stderr } = spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited']);
      if (status !== 0) throw new Error(`prlimit: ${String(stderr)}`);
    },
    ended: () => ended,
  };
}
