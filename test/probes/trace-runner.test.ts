import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { canRunMtr } from '../../probes/measure/trace/mtr-probe.ts';
import { TraceRunner } from '../../probes/trace-runner.ts';
import type { CommandFrame } from '../../wire/hub-frames.ts';
import type { EventBody } from '../../wire/probe-frames.ts';
import { standInProgram } from '../support/stand-in-program.ts';

const VECTOR = fileURLToPath(new URL('../vectors/mtr/loss.json', import.meta.url));
const TARGET = {
  target: 'alpha.one',
  description: { target: 'alpha.one', kind: 'trunk', trunk: 'alpha', edge: 'one' },
  address: '192.0.2.7',
  port: 5060,
  requestUri: 'sip:192.0.2.7:5060',
  trunk: 'alpha',
  transport: 'udp',
} as const;

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'trunkward-trace-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const program = (name: string, script: string) => standInProgram(dir, name, script);

function order(target: string, commandId = 'command-0001', fence = 7): CommandFrame {
  return { v: 1, type: 'command', commandId, fence, command: { kind: 'trace', target } };
}

function runnerOf(mtr: string, more: { readonly isEnabled?: boolean; readonly sourceAddress?: string } = {}) {
  const events: EventBody[] = [];
  const outcomes: string[] = [];
  const faults: unknown[] = [];
  const runner = new TraceRunner({
    program: mtr,
    isEnabled: more.isEnabled ?? true,
    protocol: 'icmp',
    targets: () => [TARGET],
    sourceAddress: more.sourceAddress,
    heldFence: () => 7,
    emit: (body) => events.push(body),
    onEnded: (outcome) => outcomes.push(outcome),
    onFault: (_, cause) => faults.push(cause),
  });
  return { runner, events, outcomes, faults };
}

describe('TraceRunner', () => {
  test('traces to the address of its own target list and emits the hops under the command', async () => {
    const mtr = await program('good', `echo "$@" > ${join(dir, 'args')}; cat ${VECTOR}`);
    const { runner, events, outcomes } = runnerOf(mtr, { sourceAddress: '192.0.2.1' });
    runner.take(order('alpha.one'));
    await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 10_000 });
    expect(events[0]).toMatchObject({ kind: 'trace', target: 'alpha.one', commandId: 'command-0001', isReached: true });
    expect(events[0]).toMatchObject({ hops: [{ lost: 0 }, { lost: 0 }, { address: '10.91.3.2', lost: 6 }] });
    expect(outcomes).toEqual(['reached']);
    const args = await readFile(join(dir, 'args'), 'utf8');
    expect(args.trim()).toBe('--json -n -c 30 -i 1 -G 3 -a 192.0.2.1 192.0.2.7');
    await runner.close();
  });

  test('says what is missing where mtr is not installed, and cannot trace then', async () => {
    const missing = join(dir, 'no-such-program');
    const { runner, events } = runnerOf(missing);
    runner.take(order('alpha.one'));
    await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 10_000 });
    expect(events[0]).toMatchObject({ fault: 'mtr is not installed (Debian package mtr-tiny)', hops: [] });
    expect(await canRunMtr(missing)).toBe(false);
  });

  test('repeats the first line that mtr says when it fails', async () => {
    const mtr = await program('fails', 'echo "mtr-packet: Failure to open IPv4 sockets" >&2; exit 1');
    const { runner, events } = runnerOf(mtr);
    runner.take(order('alpha.one'));
    await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 10_000 });
    expect(events[0]).toMatchObject({ fault: 'mtr failed: mtr-packet: Failure to open IPv4 sockets' });
  });

  test('believes no program that says it is mtr and prints no report', async () => {
    const mtr = await program('odd', 'echo "{}"');
    const { runner, events } = runnerOf(mtr);
    runner.take(order('alpha.one'));
    await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 10_000 });
    expect(events[0]).toMatchObject({ fault: 'the report of mtr cannot be used: bad-report at report.mtr.dst' });
    expect(await canRunMtr(mtr)).toBe(false);
  });

  test('runs one at a time, and ends the program by its own process when it is closed', async () => {
    const file = join(dir, 'pid');
    const mtr = await program('hangs', `echo $$ > ${file}.part; mv ${file}.part ${file}; exec sleep 600`);
    const { runner, events, outcomes } = runnerOf(mtr);
    runner.take(order('alpha.one'));
    runner.take(order('alpha.one', 'command-0002'));
    expect(events).toMatchObject([{ commandId: 'command-0002', fault: 'another trace was under way' }]);
    const pid = await vi.waitFor(async () => Number(await readFile(file, 'utf8')), { timeout: 10_000 });
    await runner.close();
    expect(events[1]).toMatchObject({ commandId: 'command-0001', fault: 'cut short: the probe was closed' });
    expect(outcomes).toEqual(['refused', 'failed']);
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 10_000 });
    runner.take(order('alpha.one', 'command-0003'));
    expect(events).toHaveLength(2);
  });

  test('never reaches for what is not in its own list, nor acts for a hub that no longer leads', () => {
    const { runner, events } = runnerOf('/bin/false');
    runner.take(order('beta.one'));
    expect(events).toMatchObject([{ target: 'beta.one', fault: 'this probe has no such target' }]);
    runner.take(order('alpha.one', 'command-0004', 6));
    expect(events).toHaveLength(1);
  });

  test('can be turned off in the file of the probe', () => {
    const { runner, events } = runnerOf('/bin/false', { isEnabled: false });
    runner.take(order('alpha.one'));
    expect(events).toMatchObject([{ fault: 'traces are turned off in the configuration of this probe' }]);
  });

  test('takes a program for mtr that prints its version under --json', async () => {
    expect(await canRunMtr(await program('version', '[ "$1 $2" = "--json --version" ] && echo "mtr 0.95"'))).toBe(true);
    expect(await canRunMtr(await program('old', 'echo "unrecognized option" >&2; exit 1'))).toBe(false);
  });
});
