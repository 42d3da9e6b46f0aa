import { join } from 'node:path';
import type { HostProcess } from './host-process.ts';
import type { Lab } from './lab.ts';
import type { Host } from './network.ts';
import { pollUntil } from './poll.ts';

/**
 * Starts a TCP relay on a host and waits until it listens.
 *
 * @param listen - a port of the host's loopback, or a Unix socket path (at most 107 bytes), reachable from outside its namespace.
 * @param target - `ADDRESS:PORT` as the host sees it.
 */
export async function startRelay(lab: Lab, host: Host, listen: number | string, target: string): Promise<HostProcess> {
  const relay = lab.start(host, {
    name: `relay to ${target} on ${host.name}`,
    argv: [process.execPath, join(import.meta.dirname, 'relay-program.ts'), `${listen}`, target],
    logPath: join(lab.folder, `relay-${host.name}-${target.replace(':', '-')}.log`),
  });
  await pollUntil(relay.name, () => relay.log.includes('listening'), { timeoutMs: 10_000 });
  return relay;
}

/** Cuts every connection of the relay in the middle of the next data from its target, and waits until that has happened. */
export async function cutMidPacket(relay: HostProcess, timeoutMs: number): Promise<void> {
  const cutsBefore = relay.log.split('cut after').length;
  relay.signal('SIGUSR2');
  await pollUntil(`${relay.name} cut`, () => relay.log.split('cut after').length > cutsBefore, { timeoutMs });
}

/** Cuts every connection of the relay and takes none until {@link openAgain}. */
export async function close(relay: HostProcess): Promise<void> {
  await turn(relay, 'closed');
}

/** Takes connections again after {@link close}. */
export async function openAgain(relay: HostProcess): Promise<void> {
  await turn(relay, 'open');
}

async function turn(relay: HostProcess, word: string): Promise<void> {
  relay.signal('SIGHUP');
  await pollUntil(`${relay.name} ${word}`, () => relay.log.trimEnd().endsWith(word), {
    timeoutMs: 5000,
    intervalMs: 20,
  });
}
