import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type IcmpDeps, pingOnce, watchIcmp } from '../../../../probes/measure/icmp/icmp-probe.ts';
import type { IcmpMeasurement } from '../../../../wire/measurement.ts';

const clock = { nowMs: () => performance.now(), epochMs: () => Date.now() };
const policy = { intervalMs: 200, timeoutMs: 1000 };

let directory: string;
const path = process.env['PATH'];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trunkward-ping-'));
});
afterEach(async () => {
  process.env['PATH'] = path;
  await rm(directory, { recursive: true });
});

/** Puts a program named ping with this body first in the search path. */
async function usePing(body: string): Promise<void> {
  await writeFile(join(directory, 'ping'), `#!/bin/sh\n${body}\n`);
  await chmod(join(directory, 'ping'), 0o755);
  process.env['PATH'] = `${directory}:${path}`;
}

function watching(overrides: Partial<IcmpDeps> = {}) {
  const stop = new AbortController();
  const measurements: IcmpMeasurement[] = [];
  const faults: (string | undefined)[] = [];
  const deps: IcmpDeps = {
    policy,
    clock,
    signal: stop.signal,
    onMeasurements: (more) => measurements.push(...more),
    onFault: (_, fault) => faults.push(fault?.code),
    ...overrides,
  };
  return { stop, measurements, faults, deps };
}

describe('pingOnce', () => {
  test('measures loopback with the system ping, each request by itself', async () => {
    const { run, startedAtEpochMs } = await pingOnce('127.0.0.1', 4, {
      policy,
      clock,
      signal: new AbortController().signal,
    });
    expect(run).toMatchObject({ ok: true, unsent: 0 });
    const packets = run.ok ? run.packets : [];
    expect(packets.map(({ kind, echoSequence }) => [echoSequence, kind])).toEqual(
      [1, 2, 3, 4].map((n) => [n, 'answered']),
    );
    for (const packet of packets) {
      expect(packet.kind === 'answered' && packet.rttMs).toBeLessThan(1000);
      expect(packet.kind === 'answered' && packet.atEpochMs - startedAtEpochMs).toBeGreaterThan(-50);
    }
  });

  test('an aborted signal ends a run at once and keeps what was measured', async () => {
    const stop = new AbortController();
    const slow = { intervalMs: 10_000, timeoutMs: 1000 };
    const begunAtMs = clock.nowMs();
    const running = pingOnce('127.0.0.1', 3, { policy: slow, clock, signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    const { run } = await running;
    expect(clock.nowMs() - begunAtMs).toBeLessThan(5000);
    expect(run.ok && run.packets.map(({ kind }) => kind)).toEqual(['answered']);
  });

  test('a ping that prints a word or three is a failed program, not the end of the probe', async () => {
    for (const words of ['Usage', 'Segmentation fault', 'one two three']) {
      await usePing(`echo ${words}; exit 2`);
      const { run } = await pingOnce('127.0.0.1', 1, { policy, clock, signal: new AbortController().signal });
      expect(run).toMatchObject({ ok: false, fault: 'program-failed' });
    }
  });

  test('no option can be smuggled in: the arguments end with the literal', async () => {
    await usePing(`printf '%s\\n' "$@" > ${directory}/arguments; echo PING x y z`);
    await pingOnce('127.0.0.1', 2, { policy, clock, signal: new AbortController().signal });
    const given = (await readFile(join(directory, 'arguments'), 'utf8')).trim().split('\n');
    expect(given).toEqual(['-n', '-W', '1', '-c', '2', '-s', '56', '-D', '-O', '-n', '-i', '0.2', '127.0.0.1']);
    expect(given).not.toContain('-w');
  });
});

describe('watchIcmp', () => {
  test.each(['-h', 'localhost', 'provider.example', '', '127.0.0.1 -f', '0127.0.0.1'])(
    'refuses %j before anything is started: only IP literals',
    async (address) => {
      const { deps } = watching();
      await expect(watchIcmp([{ target: 'a', address }], deps)).rejects.toThrow('IP literal');
    },
  );

  test('runs one after another per target with consecutive sequences, until aborted', async () => {
    const { stop, measurements, deps } = watching();
    const done = watchIcmp(
      [
        { target: 'a', address: '127.0.0.1' },
        { target: 'b', address: '127.0.0.2' },
      ],
      deps,
    );
    await vi.waitFor(() => expect(measurements.filter(({ target }) => target === 'b').length).toBeGreaterThan(10), {
      timeout: 15_000,
      interval: 50,
    });
    stop.abort();
    await done;
    for (const name of ['a', 'b']) {
      const sequences = measurements.filter(({ target }) => target === name).map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.map((_, at) => at));
    }
    expect(measurements.every(({ outcome }) => outcome.kind === 'answered')).toBe(true);
  });

  test('a ping without permission is not measured and said once (rule 2)', async () => {
    await usePing(
      'echo "ping: socktype: SOCK_RAW" >&2; echo "ping: => missing cap_net_raw+p capability or setuid?" >&2; exit 2',
    );
    const { stop, measurements, faults, deps } = watching();
    const done = watchIcmp([{ target: 'a', address: '127.0.0.1' }], deps);
    await vi.waitFor(() => expect(faults).toEqual(['not-permitted']));
    stop.abort();
    await done;
    expect(measurements.map(({ outcome }) => outcome)).toEqual([{ kind: 'not-measured', reason: 'not-permitted' }]);
  });

  test('no ping in the search path is not measured: program-failed', async () => {
    process.env['PATH'] = directory;
    const { stop, measurements, faults, deps } = watching();
    const done = watchIcmp([{ target: 'a', address: '127.0.0.1' }], deps);
    await vi.waitFor(() => expect(faults).toEqual(['program-failed']));
    stop.abort();
    await done;
    expect(measurements[0]?.outcome).toEqual({ kind: 'not-measured', reason: 'program-failed' });
  });

  test('a ping that may not be executed is not permitted', async () => {
    await usePing('exit 0');
    await chmod(join(directory, 'ping'), 0o644);
    process.env['PATH'] = directory;
    const { run } = await pingOnce('127.0.0.1', 1, { policy, clock, signal: new AbortController().signal });
    expect(run).toMatchObject({ ok: false, fault: 'not-permitted', text: expect.stringContaining('EACCES') });
  });

  test('says so when it measures again', async () => {
    await usePing(
      `if [ -e ${directory}/up ]; then exec /usr/bin/env PATH=${path} ping "$@"; fi; echo "ping: connect: Network is unreachable" >&2; exit 2`,
    );
    const { stop, measurements, faults, deps } = watching();
    const done = watchIcmp([{ target: 'a', address: '127.0.0.1' }], deps);
    await vi.waitFor(() => expect(faults).toEqual(['no-route']));
    await writeFile(join(directory, 'up'), '');
    await vi.waitFor(() => expect(faults).toEqual(['no-route', undefined]), { timeout: 15_000, interval: 50 });
    stop.abort();
    await done;
    expect(measurements[0]?.outcome).toEqual({ kind: 'not-measured', reason: 'no-route' });
  });
});
