import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { OptionsProber } from '../../probes/measure/sip/options-probe.ts';

/** What a load is started with, as JSON in its first argument. */
export type OptionsLoad = {
  readonly address: string;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly perS: number;
  readonly forS: number;
  readonly timeoutMs: number;
  /** The n-th attempt has the Call-ID `{callIdPrefix}{n}`. */
  readonly callIdPrefix: string;
  readonly resultPath: string;
};

/** What it met; all lists are by the number of the attempt. */
export type OptionsLoadResult = {
  /** Round trip of an answered attempt in milliseconds; else the outcome's kind. */
  readonly attempts: readonly (number | string)[];
  /** Replies that settled nothing, by reason. */
  readonly strays: Readonly<Record<string, number>>;
  readonly socketFaults: number;
  /** User and system time of the whole process while it sent, seconds. */
  readonly cpuS: number;
  readonly sentForS: number;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
};

/**
 * The product's OPTIONS prober in a process of its own at a steady rate, whatever comes back. Writes its result when the last
 * attempt is over, and ends.
 */
async function main(): Promise<void> {
  const load = JSON.parse(process.argv[2] ?? '') as OptionsLoad;
  const total = load.perS * load.forS;
  const rttsMs = new Float64Array(total);
  const otherKinds = new Map<number, string>();
  const strays: Record<string, number> = {};
  let socketFaults = 0;
  let over = 0;
  const allOver = Promise.withResolvers<void>();
  const prober = await OptionsProber.open({
    sourceAddress: load.address,
    clock: { nowMs: () => performance.now() },
    userAgent: 'trunkward-lab',
    randomToken: () => randomBytes(12).toString('hex'),
    onStray: ({ reason }) => {
      strays[reason] = (strays[reason] ?? 0) + 1;
    },
    onSocketFault: () => {
      socketFaults += 1;
    },
  });
  const target = { address: load.peerAddress, port: load.peerPort, requestUri: `sip:${load.peerAddress}` };
  const attempt = async (number: number): Promise<void> => {
    const { timeoutMs, callIdPrefix } = load;
    const { outcome } = await prober.probe(target, { timeoutMs, callId: `${callIdPrefix}${number}` });
    if (outcome.kind === 'answered') rttsMs[number] = outcome.rttMs;
    else otherKinds.set(number, outcome.kind);
    over += 1;
    if (over === total) allOver.resolve();
  };
  const cpuBefore = process.cpuUsage();
  const startedAtMs = performance.now();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const pacer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAtMs) * load.perS) / 1000));
      for (; sent < due; sent += 1) void attempt(sent);
      if (sent < total) return;
      clearInterval(pacer);
      resolve();
    }, 1);
  });
  const sentForS = (performance.now() - startedAtMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const residentBytes = process.memoryUsage.rss();
  await allOver.promise;
  await delay(load.timeoutMs);
  await prober.close();
  const result: OptionsLoadResult = {
    attempts: Array.from(rttsMs, (rttMs, number) => otherKinds.get(number) ?? rttMs),
    strays,
    socketFaults,
    cpuS: (user + system) / 1e6,
    sentForS,
    residentBytes,
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
  };
  await writeFile(load.resultPath, JSON.stringify(result));
}

await main();
