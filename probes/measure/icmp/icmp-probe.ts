import { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import ping from 'ping';
import type { IcmpMeasurement } from '../../../wire/measurement.ts';
import { echoMeasurements } from './echo-measurements.ts';
import { type PingFault, type PingRun, parsePingOutput } from './ping-output.ts';

/** A target measured by ICMP echo. `address` is an IP literal; names are never resolved here. */
export type IcmpTarget = {
  readonly target: string;
  readonly address: string;
  /** Ends this one alone. */
  readonly signal?: AbortSignal;
};

/** How targets are pinged. */
export type IcmpPolicy = {
  /** Gap between the requests of a target, 200 to 60,000 ms. */
  readonly intervalMs: number;
  /**
   * Wait at the end of a run in which nothing was answered, 1,000 to 10,000 ms. Every other request has at least the
   * interval, so a `timed-out` has waited for the lesser of the two or longer.
   */
  readonly timeoutMs: number;
};

/** What the ICMP probe needs from the outside. */
export type IcmpDeps = {
  readonly policy: IcmpPolicy;
  readonly clock: { readonly nowMs: () => number; readonly epochMs: () => number };
  readonly signal: AbortSignal;
  readonly onMeasurements: (measurements: readonly IcmpMeasurement[]) => void;
  /** Said when a target's state changes, once, not at each run; `undefined` when it measures again. */
  readonly onFault: (target: string, fault: { readonly code: PingFault; readonly text: string } | undefined) => void;
};

const SECONDS_PER_RUN = 5;
const MAX_PACKETS = 10;
/** A run that takes this much longer than it should is killed. */
const OVERRUN_MS = 5000;
/** Wait before ping is started again where it cannot work at all. */
const FUTILE_WAIT_MS = 60_000;

/**
 * Pings every target without pause, in runs of about five seconds, through the system's `ping` (which holds the
 * permission; the probe needs none).
 *
 * @returns resolves once the signal is aborted and no ping is left running.
 * @throws Error when an address is no IP literal: no name is looked up and nothing can be taken for an option.
 */
export async function watchIcmp(targets: readonly IcmpTarget[], deps: IcmpDeps): Promise<void> {
  for (const { target, address } of targets) {
    if (isIP(address) === 0) throw new Error(`address of ${target} is no IP literal`);
  }
  const staggerMs = deps.policy.intervalMs / Math.max(1, targets.length);
  await Promise.all(targets.map((target, at) => watchTarget(target, at * staggerMs, deps)));
}

/** One run of ping: what it printed and when it began. */
export type PingRunResult = {
  readonly run: PingRun;
  readonly startedAtMs: number;
  readonly startedAtEpochMs: number;
};

/**
 * One run of ping against an IP literal. An aborted signal interrupts it at once; what it had measured by then is kept.
 * Never rejects for anything that ping or the system does.
 *
 * @param packetCount - requests of this run, 1 to 10.
 */
export async function pingOnce(
  address: string,
  packetCount: number,
  { policy, clock, signal }: Pick<IcmpDeps, 'policy' | 'clock' | 'signal'>,
): Promise<PingRunResult> {
  const startedAtMs = clock.nowMs();
  const startedAtEpochMs = clock.epochMs();
  const { child, output } = startPing(address, packetCount, policy);
  let isCut = false;
  const cut = (): void => {
    isCut = true;
    child?.kill('SIGINT');
  };
  const overrun = setTimeout(
    () => {
      isCut = true;
      child?.kill('SIGKILL');
    },
    packetCount * policy.intervalMs + policy.timeoutMs + OVERRUN_MS,
  );
  signal.addEventListener('abort', cut, { once: true });
  if (signal.aborted) cut();
  try {
    return { run: parsePingOutput(await output, !isCut), startedAtMs, startedAtEpochMs };
  } catch (cause) {
    return { run: programFault(cause), startedAtMs, startedAtEpochMs };
  } finally {
    clearTimeout(overrun);
    signal.removeEventListener('abort', cut);
  }
}

async function watchTarget(watched: IcmpTarget, offsetMs: number, allDeps: IcmpDeps): Promise<void> {
  const { address, target } = watched;
  const signal = watched.signal ? AbortSignal.any([allDeps.signal, watched.signal]) : allDeps.signal;
  const deps = { ...allDeps, signal };
  const { policy, clock } = deps;
  const packetCount = Math.min(MAX_PACKETS, Math.max(1, Math.round((SECONDS_PER_RUN * 1000) / policy.intervalMs)));
  let sequence = 0;
  let said: PingFault | undefined;
  await pause(offsetMs, signal);
  while (!signal.aborted) {
    const { run, startedAtMs, startedAtEpochMs } = await pingOnce(address, packetCount, deps);
    const measurements = echoMeasurements(run, {
      target,
      firstSequence: sequence,
      startedAtMs,
      startedAtEpochMs,
      intervalMs: policy.intervalMs,
      waitMs: Math.min(policy.intervalMs, policy.timeoutMs),
      localAddresses: localAddresses(),
    });
    sequence += measurements.length;
    if (measurements.length > 0) deps.onMeasurements(measurements);
    const fault = run.ok ? undefined : { code: run.fault, text: run.text };
    if (fault?.code !== said) deps.onFault(target, fault);
    said = fault?.code;
    const isFutile = said === 'not-permitted' || said === 'program-failed';
    const nextAtMs = startedAtMs + (isFutile ? FUTILE_WAIT_MS : packetCount * policy.intervalMs);
    await pause(nextAtMs - clock.nowMs(), signal);
  }
}

type StartedPing = { readonly child: ChildProcess | undefined; readonly output: Promise<string> };

/**
 * Starts ping through the package. It gives no handle on the process it spawns; Node announces each new one on the
 * diagnostics channel `child_process`, synchronously inside the call, and that is where the handle is taken from.
 */
function startPing(address: string, packetCount: number, policy: IcmpPolicy): StartedPing {
  const started: ChildProcess[] = [];
  const notice = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('process' in message)) return;
    if (message.process instanceof ChildProcess) started.push(message.process);
  };
  subscribe('child_process', notice);
  try {
    const response = ping.promise.probe(address, {
      v6: false,
      timeout: policy.timeoutMs / 1000,
      min_reply: packetCount,
      extra: ['-D', '-O', '-n', '-i', String(policy.intervalMs / 1000)],
    });
    const [child] = started;
    const failed = Promise.withResolvers<never>();
    child?.prependOnceListener('error', failed.reject);
    if (child) guardClose(child, failed.reject);
    const output = Promise.race([failed.promise, response]).then((answer) => answer.output);
    response.catch(failed.reject);
    return { child, output };
  } finally {
    unsubscribe('child_process', notice);
  }
}

/**
 * The package parses in its listener for `close`, and its parser throws where the first line has one word; there that
 * would end the whole probe, so its listeners are called from one of ours.
 */
function guardClose(child: ChildProcess, onThrow: (cause: unknown) => void): void {
  const listeners = child.listeners('close');
  child.removeAllListeners('close');
  child.once('close', (...details) => {
    try {
      for (const listener of listeners) Reflect.apply(listener, child, details);
    } catch (cause) {
      onThrow(cause);
    }
  });
}

function programFault(cause: unknown): PingRun {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const text = cause instanceof Error ? cause.message.slice(0, 300) : 'ping failed';
  const fault = code === 'EACCES' || code === 'EPERM' ? 'not-permitted' : 'program-failed';
  return { ok: false, fault, text };
}

function localAddresses(): ReadonlySet<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((entries) => entries?.map(({ address }) => address) ?? []));
}

async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  if (waitMs <= 0 || signal.aborted) return;
  try {
    await delay(waitMs, undefined, { signal });
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
}
