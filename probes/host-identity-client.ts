import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** What names this host and its present boot. */
export type HostIdentity = { readonly machineId: string; readonly bootId: string };

/** Reads both from the kernel and the system; where one is missing, a digest of the host's name stands in. */
export async function readHostIdentity(): Promise<HostIdentity> {
  const stand = createHash('sha256').update(hostname()).digest('hex').slice(0, 32);
  return {
    machineId: (await firstLine('/etc/machine-id')) ?? stand,
    bootId: (await firstLine('/proc/sys/kernel/random/boot_id')) ?? stand,
  };
}

async function firstLine(file: string): Promise<string | undefined> {
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split('\n');
    return /^[A-Za-z0-9-]{8,64}$/.test(line) ? line : undefined;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) return undefined;
    throw cause;
  }
}
