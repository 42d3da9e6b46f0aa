import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';
import { isRunning, type ProcessIdentity, type RunRecorder, startTicksOf } from './run-record.ts';

/** How to start a program on a host. Both streams go to `logPath`, which is made anew. */
export type ProcessSpec = {
  readonly name: string;
  readonly argv: readonly string[];
  readonly logPath: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** A program running in a host's network namespace, leader of its own process group. */
export class HostProcess {
  readonly name: string;
  readonly pid: number;
  readonly logPath: string;
  readonly ended: Promise<number>;
  readonly #identity: ProcessIdentity;

  constructor(name: string, logPath: string, identity: ProcessIdentity, ended: Promise<number>) {
    this.name = name;
    this.pid = identity.pid;
    this.logPath = logPath;
    this.#identity = identity;
    this.ended = ended;
  }

  get isRunning(): boolean {
    return isRunning(this.#identity);
  }

  /** All it has written so far. */
  get log(): string {
    return readFileSync(this.logPath, 'utf8');
  }

  /** Resident memory now, in bytes. @see proc_pid_status(5) VmRSS */
  residentBytes(): number {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kib ?? Number.NaN) * 1024;
  }

  /** Sends a signal to this process alone, e.g. SIGSTOP, SIGCONT, SIGKILL. Nothing when it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) process.kill(this.pid, signal);
  }

  /** Ends it and its group: SIGTERM, and SIGKILL when it is still there after `graceMs`. Safe to call again. */
  async stop(graceMs = 5000): Promise<void> {
    if (!this.isRunning) return;
    this.#signalGroup('SIGCONT');
    this.#signalGroup('SIGTERM');
    const hasEnded = await pollUntil(this.name, () => !this.isRunning, { timeoutMs: graceMs, intervalMs: 20 }).then(
      () => true,
      () => false,
    );
    this.#signalGroup('SIGKILL');
    if (!hasEnded) await pollUntil(`${this.name} killed`, () => !this.isRunning, { timeoutMs: 5000, intervalMs: 20 });
  }

  #signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/**
 * Starts a program on a host and records its pid.
 *
 * @throws Error when it ended before it could be recorded.
 */
export function startProcess(host: Host, spec: ProcessSpec, recorder: RunRecorder): HostProcess {
  const log = openSync(spec.logPath, 'w');
  const child = spawn('ip', ['netns', 'exec', host.namespace, ...spec.argv], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...spec.env },
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
  });
  closeSync(log);
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 128));
  });
  const startTicks = child.pid === undefined ? undefined : startTicksOf(child.pid);
  if (child.pid === undefined || startTicks === undefined) throw new Error(`${spec.name}: did not start`);
  const identity = { pid: child.pid, startTicks };
  recorder.addProcess(identity);
  return new HostProcess(spec.name, spec.logPath, identity, ended);
}
