import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../../trunkward.js', import.meta.url));

/** One of our programs, running as an operator would run it. Ends only the process that it started. */
export class Program {
  readonly #kind: 'hub' | 'probe';
  readonly #configFile: string;
  readonly #logFile: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  constructor(kind: 'hub' | 'probe', configFile: string, logFile: string, env: Readonly<Record<string, string>>) {
    this.#kind = kind;
    this.#configFile = configFile;
    this.#logFile = logFile;
    this.#env = env;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the program; its log is appended to the log file. */
  start(): void {
    const log = createWriteStream(this.#logFile, { flags: 'a' });
    const child = spawn(process.execPath, [ENTRY, this.#kind, '--config', this.#configFile], {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#child = child;
  }

  /** Sends a signal and waits for the end of the process. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
