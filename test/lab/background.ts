import { join } from 'node:path';
import type { Background } from './background-program.ts';
import type { HostProcess } from './host-process.ts';
import type { Lab } from './lab.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';

/** Fills the line from one host to another with UDP to a port where nobody listens; `stop` ends it. */
export async function fillLine(
  lab: Lab,
  from: Host,
  to: Host,
  filling: Omit<Background, 'address' | 'port'>,
): Promise<HostProcess> {
  const background: Background = { address: to.addresses[0], port: 9, ...filling };
  const program = join(import.meta.dirname, 'background-program.ts');
  const own = lab.start(from, {
    name: 'background traffic',
    argv: [process.execPath, program, JSON.stringify(background)],
    logPath: join(lab.folder, `background-${from.name}-${to.name}.log`),
  });
  await pollUntil('background traffic', () => own.log.includes('sending'), { timeoutMs: 10_000 });
  return own;
}
