import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostProcess } from './host-process.ts';

/** Turns of a program that a processor is withheld from: stopped with all its threads, then let go on. Milliseconds. */
export type Starvation = { readonly stoppedMs: number; readonly runningMs: number };

/**
 * Starves a program by SIGSTOP and SIGCONT, which works wherever the lab runs: no control group, no second program that must
 * win a processor from it.
 *
 * @returns what feeds it again.
 */
export function starve(program: HostProcess, { runningMs, stoppedMs }: Starvation): () => Promise<void> {
  const fed = new AbortController();
  const turns = (async () => {
    while (!fed.signal.aborted && program.isRunning) {
      program.signal('SIGSTOP');
      await delay(stoppedMs);
      program.signal('SIGCONT');
      await delay(runningMs);
    }
  })();
  return async () => {
    fed.abort();
    await turns;
  };
}

/** Processor time that a program has had, seconds. @see proc_pid_stat(5), fields 14 (utime) and 15 (stime), 100 ticks a second on Linux */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
