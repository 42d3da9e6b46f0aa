import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProbeTarget } from '../../probes/probe-targets.ts';
import { TestCallRunner } from '../../probes/test-call-runner.ts';
import type { TestCall } from '../../probes/test-call-schema.ts';
import { TestCallStore } from '../../probes/test-call-store.ts';
import type { TestCallMeasurement } from '../../wire/rtp-measurement.ts';

/** An entry whose bounds are far away. */
export const ENTRY: TestCall = {
  trunk: 'acme',
  number: '4411',
  caller: '+4930123456',
  far: 'echo',
  talkMs: 2000,
  ringMs: 3000,
  maxPerDay: 100,
  maxSecondsPerDay: 80_000,
  priceMicrosPerCall: 1000,
  priceMicrosPerMinute: 20_000,
  maxMicrosPerDay: 10_000_000,
  currency: 'EUR',
  timeZone: 'UTC',
};

/** An edge of a provider on loopback. */
export function edgeAt(port: number, edge = 'one'): ProbeTarget {
  return {
    target: `acme.${edge}`,
    description: { target: `acme.${edge}`, kind: 'trunk', trunk: 'acme', edge },
    address: '127.0.0.1',
    port,
    requestUri: `sip:127.0.0.1:${port}`,
    trunk: 'acme',
    transport: 'udp',
  };
}

/** A runner with a journal of its own, and everything that it says. */
export async function openRunner(
  port: number,
  change: Partial<TestCall> = {},
  more: {
    readonly dataDir?: string;
    readonly password?: string;
    readonly realm?: string;
    readonly edges?: readonly string[];
  } = {},
) {
  const dataDir = more.dataDir ?? (await mkdtemp(join(tmpdir(), 'trunkward-test-call-')));
  const store = await TestCallStore.open(dataDir);
  const measurements: TestCallMeasurement[] = [];
  const faults: string[] = [];
  const runner = new TestCallRunner({
    targets: () => (more.edges ?? ['one']).map((edge) => edgeAt(port, edge)),
    entries: [{ ...ENTRY, ...change }],
    store,
    sourceAddress: '127.0.0.1',
    credentialsOf: () =>
      more.password === undefined ? undefined : { username: 'pbx', password: more.password, realm: more.realm },
    userAgent: 'Trunkward/test',
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    onMeasurement: (measurement) => measurements.push(measurement),
    onFault: (place, cause) => faults.push(`${place}: ${String(cause)}`),
  });
  const close = async (): Promise<void> => {
    await runner.close();
    await store.close();
    if (more.dataDir === undefined) await rm(dataDir, { recursive: true });
  };
  return { runner, store, dataDir, measurements, faults, close };
}
