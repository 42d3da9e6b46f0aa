import { performance } from 'node:perf_hooks';
import { TestCallRunner } from '../../probes/test-call-runner.ts';
import type { TestCall } from '../../probes/test-call-schema.ts';
import { TestCallStore } from '../../probes/test-call-store.ts';

/** What the program is started with, as JSON in its first argument. Durations in milliseconds. */
export type CallerSpec = {
  /** `recover` places no call: it ends those of the run before. */
  readonly task: 'place' | 'recover';
  /** Where the provider's edge listens, on port 5060. */
  readonly address: string;
  readonly number: string;
  readonly far: TestCall['far'];
  readonly talkMs: number;
  readonly ringMs: number;
  readonly dataDir: string;
  readonly password?: string;
};

/** User name of {@link CallerSpec.password}. */
export const CALLER_NAME = 'pbx';

/** The product's test calls in a process of their own. Prints `{"measurement":…}` and `{"fault":…}` as lines of JSON, and ends. */
async function main(argument: string): Promise<void> {
  const { address, dataDir, far, number, password, ringMs, talkMs, task } = JSON.parse(argument) as CallerSpec;
  const print = (line: object): void => console.log(JSON.stringify(line));
  const store = await TestCallStore.open(dataDir);
  const target = 'lab.e1';
  const entry: TestCall = {
    trunk: 'lab',
    number,
    caller: '+4930123456',
    far,
    talkMs,
    ringMs,
    maxPerDay: 100,
    maxSecondsPerDay: 80_000,
    priceMicrosPerCall: 1000,
    priceMicrosPerMinute: 20_000,
    maxMicrosPerDay: 10_000_000,
    currency: 'EUR',
    timeZone: 'UTC',
  };
  const runner = new TestCallRunner({
    targets: () => [
      {
        target,
        description: { target, kind: 'trunk', trunk: 'lab', edge: 'e1' },
        address,
        port: 5060,
        requestUri: `sip:${address}:5060`,
        trunk: 'lab',
        transport: 'udp',
      },
    ],
    entries: [entry],
    store,
    sourceAddress: undefined,
    credentialsOf: () => (password === undefined ? undefined : { username: CALLER_NAME, password }),
    userAgent: 'Trunkward/lab',
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    onMeasurement: (measurement) => print({ measurement }),
    onFault: (place, cause) => print({ fault: place, text: String(cause) }),
  });
  if (task === 'place') await runner.place(target);
  else await runner.recover();
  print({ openCalls: store.openCalls.length });
  await runner.close();
  await store.close();
}

const [, , argument] = process.argv;
if (import.meta.main && argument !== undefined) await main(argument);
