import { run } from './command.ts';
import type { HostProcess } from './host-process.ts';

/**
 * Lets a program and all its threads of now run before whatever else this machine does, on the real-time schedule. Hosts of
 * the lab share its processors while a PBX has its own: without it a mesh on a busy machine finds itself late, says so, and
 * leaves whole reports out. To be called once it has started up, for a start takes much of a processor.
 *
 * @see sched(7), SCHED_RR; niceness would count only among the threads of one session (autogroup)
 */
export async function givePriority(program: HostProcess): Promise<void> {
  await run(['chrt', '--all-tasks', '--rr', '--pid', '10', `${program.pid}`]);
}
