import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openRunner } from './test-call-bench.ts';
import { type ProviderWays, TestProvider } from './test-call-provider.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(ways: ProviderWays, change: Parameters<typeof openRunner>[1] = {}, password?: string) {
  const provider = await TestProvider.open(ways);
  cleanups.push(() => provider.close());
  const bench = await openRunner(provider.port, change, password === undefined ? {} : { password });
  cleanups.push(bench.close);
  return { provider, ...bench };
}

test('an accepted call is acknowledged at each copy of its 200 and ended by BYE', async () => {
  const { measurements, provider, runner, store } = await start({ answer: 'accept', copies: 3 }, { talkMs: 1000 });
  await runner.place('acme.one');
  expect(measurements).toMatchObject([{ outcome: 'answered', endedBy: 'bye', codec: 'alaw', far: 'echo' }]);
  expect([provider.count('ACK'), provider.count('BYE'), provider.up]).toEqual([3, 1, 0]);
  expect(store.openCalls).toEqual([]);
});

test('an echo that gives nothing back has lost every packet', async () => {
  const { measurements, runner } = await start({ answer: 'accept' }, { talkMs: 1000 });
  await runner.place('acme.one');
  const received = measurements[0]?.received;
  expect(received?.expected).toBeGreaterThan(10);
  expect(received?.lost).toBe(received?.expected);
});

test('a challenged INVITE is sent again with digest credentials', async () => {
  const { measurements, provider, runner } = await start({ answer: 'accept', password: 'pw' }, { talkMs: 1000 }, 'pw');
  await runner.place('acme.one');
  expect(measurements).toMatchObject([{ outcome: 'answered', endedBy: 'bye' }]);
  expect(provider.count('INVITE')).toBe(2);
});

test('wrong credentials are refused once and not tried again', async () => {
  const { measurements, provider, runner } = await start({ answer: 'accept', password: 'pw' }, {}, 'other');
  await runner.place('acme.one');
  expect(measurements).toMatchObject([
    { outcome: 'rejected', statusCode: 401, endedBy: 'final-status', costMicros: 0 },
  ]);
  expect([provider.count('INVITE'), provider.count('ACK')]).toEqual([2, 2]);
});

test('a busy number is reported with its status and costs nothing', async () => {
  const { measurements, runner, store } = await start({ answer: 'busy' });
  await runner.place('acme.one');
  expect(measurements).toMatchObject([{ outcome: 'rejected', statusCode: 486, endedBy: 'final-status', talkMs: 0 }]);
  expect(store.spent('acme.one')).toMatchObject([{ calls: 1, seconds: 0, micros: 0 }]);
});

test('a number that rings for too long is cancelled', async () => {
  const { measurements, provider, runner } = await start({ answer: 'ring' }, { ringMs: 1000 });
  await runner.place('acme.one');
  expect(measurements).toMatchObject([{ outcome: 'timed-out', statusCode: 487, endedBy: 'cancel' }]);
  expect(provider.count('CANCEL')).toBe(1);
});

test('an answer that crosses the CANCEL is acknowledged and ended by BYE', async () => {
  const { measurements, provider, runner } = await start({ answer: 'accept-on-cancel' }, { ringMs: 1000 });
  await runner.place('acme.one');
  expect([provider.count('CANCEL'), provider.count('ACK'), provider.count('BYE'), provider.up]).toEqual([1, 1, 1, 0]);
  expect(measurements).toMatchObject([{ outcome: 'answered', endedBy: 'bye' }]);
});

test('a BYE that is not answered is sent again', async () => {
  const { measurements, provider, runner } = await start({ answer: 'accept', deafByes: 2 }, { talkMs: 1000 });
  await runner.place('acme.one');
  expect(provider.count('BYE')).toBe(3);
  expect(measurements).toMatchObject([{ endedBy: 'bye', inviteCopies: 0, byeCopies: 2 }]);
});

test('a BYE of the far end ends the call', async () => {
  const { measurements, provider, runner } = await start({ answer: 'accept' }, { talkMs: 20_000 });
  const placed = runner.place('acme.one');
  await expect.poll(() => provider.count('ACK')).toBe(1);
  provider.request('OPTIONS', 5);
  provider.request('INVITE', 6);
  provider.request('BYE', 7);
  await placed;
  const answers = provider.received.filter((text) => text.startsWith('SIP/2.0')).map((text) => text.slice(8, 11));
  expect(answers).toEqual(['200', '200', '200']);
  expect(measurements).toMatchObject([{ outcome: 'answered', endedBy: 'remote-bye' }]);
});

test('a refresh of the session is confirmed with our own, a changed one is refused and the call goes on', async () => {
  const { measurements, provider, runner } = await start({ answer: 'accept' }, { talkMs: 20_000 });
  const placed = runner.place('acme.one');
  await expect.poll(() => provider.count('ACK')).toBe(1);
  provider.request('INVITE', 5, provider.session());
  provider.request('INVITE', 6);
  provider.request('UPDATE', 7);
  provider.request('INVITE', 8, provider.session(2));
  provider.request('UPDATE', 9, provider.session(2));
  await expect.poll(() => provider.received.filter((text) => text.startsWith('SIP/2.0')).length).toBe(5);
  provider.request('BYE', 10);
  await placed;
  const answers = provider.received.filter((text) => text.startsWith('SIP/2.0')).map((text) => text.slice(8, 11));
  expect(answers).toEqual(['200', '200', '200', '488', '488', '200']);
  const [invite = ''] = provider.received;
  const offered = invite.slice(invite.indexOf('v=0'));
  const [first = '', second = '', update = ''] = provider.received.filter((text) => text.startsWith('SIP/2.0'));
  for (const text of [first, second]) {
    expect(text.slice(text.indexOf('v=0'))).toBe(offered);
    expect(text).toContain('Session-Expires: 90;refresher=uac');
  }
  expect(update).toContain('Content-Length: 0');
  expect(measurements).toMatchObject([{ outcome: 'answered', endedBy: 'remote-bye' }]);
});

test('a second branch that answers is acknowledged and ended at once', async () => {
  const { measurements, provider, runner } = await start({ answer: 'accept', isForked: true }, { talkMs: 1500 });
  const placed = runner.place('acme.one');
  await expect.poll(() => provider.count('BYE')).toBe(1);
  expect(provider.received.find((text) => text.startsWith('BYE'))).toContain(';tag=fork');
  expect([provider.count('ACK'), provider.up]).toEqual([2, 1]);
  await placed;
  expect([provider.count('BYE'), provider.up]).toEqual([2, 0]);
  expect(measurements).toMatchObject([{ outcome: 'answered', endedBy: 'bye' }]);
});

test('a challenged BYE is sent again with digest credentials', async () => {
  const { measurements, provider, runner } = await start(
    { answer: 'accept', isByeChallenged: true },
    { talkMs: 1000 },
    'pw',
  );
  await runner.place('acme.one');
  expect([provider.count('BYE'), provider.up]).toEqual([2, 0]);
  expect(provider.received.findLast((text) => text.startsWith('BYE'))).toContain(
    'Authorization: Digest username="pbx"',
  );
  expect(measurements).toMatchObject([{ outcome: 'answered', endedBy: 'bye' }]);
});

test('a challenge of another realm than the configured one gets no credentials', async () => {
  const provider = await TestProvider.open({ answer: 'accept', password: 'pw', realm: 'stranger' });
  cleanups.push(() => provider.close());
  const bench = await openRunner(provider.port, {}, { password: 'pw', realm: 'lab' });
  cleanups.push(bench.close);
  await bench.runner.place('acme.one');
  expect(provider.received.some((text) => text.includes('Authorization: Digest'))).toBe(false);
  expect(bench.measurements).toMatchObject([{ outcome: 'rejected', statusCode: 401 }]);
});

test.each([
  ['no-common-codec', ['m=audio 9 RTP/AVP 9']],
  ['rejected', ['m=audio 0 RTP/AVP 0']],
  ['unknown-protocol', ['m=audio 9 RTP/SAVP 0']],
  ['unreadable', ['m=audio x RTP/AVP 0']],
] as const)('an answer whose media are %s says so in the measurement', async (mediaFault, mediaLines) => {
  const { measurements, provider, runner } = await start({ answer: 'accept', mediaLines }, { talkMs: 1000 });
  await runner.place('acme.one');
  expect(measurements).toMatchObject([
    { outcome: 'answered', endedBy: 'bye', mediaFault, inviteCopies: 0, byeCopies: 0 },
  ]);
  expect(measurements[0]).not.toHaveProperty('received');
  expect(provider.up).toBe(0);
});

test('closing ends a call that is up', async () => {
  const { provider, runner } = await start({ answer: 'accept' }, { talkMs: 50_000 });
  const placed = runner.place('acme.one');
  await expect.poll(() => provider.count('ACK')).toBe(1);
  await runner.close();
  await placed;
  expect(provider.up).toBe(0);
});

test('an entry of a whole trunk has one budget for all its edges', async () => {
  const provider = await TestProvider.open({ answer: 'busy' });
  cleanups.push(() => provider.close());
  const bench = await openRunner(provider.port, { maxPerDay: 3 }, { edges: ['one', 'two'] });
  cleanups.push(bench.close);
  for (const target of ['acme.one', 'acme.two', 'acme.one', 'acme.two', 'acme.one']) await bench.runner.place(target);
  expect(provider.count('INVITE')).toBe(3);
  const told = bench.measurements.map(({ edge, outcome }) => `${edge} ${outcome}`);
  expect(told).toEqual(['one rejected', 'two rejected', 'one rejected', 'two over-budget', 'one over-budget']);
});

test('beyond the budget no call is placed, and that is said once', async () => {
  const { measurements, provider, runner } = await start({ answer: 'busy' }, { maxPerDay: 1 });
  for (let at = 0; at < 3; at += 1) await runner.place('acme.one');
  expect(provider.count('INVITE')).toBe(1);
  expect(measurements.map(({ outcome }) => outcome)).toEqual(['rejected', 'over-budget']);
});

test.each([
  ['accept', 'ACK', 'BYE'],
  ['ring', 'INVITE', 'CANCEL'],
] as const)(
  'after SIGKILL a call of a provider that does "%s" is ended at the restart',
  async (answer, seen, end) => {
    const provider = await TestProvider.open({ answer });
    cleanups.push(() => provider.close());
    const dataDir = await mkdtemp(join(tmpdir(), 'trunkward-killed-'));
    cleanups.push(() => rm(dataDir, { recursive: true }));
    const child = spawn(process.execPath, [
      join(import.meta.dirname, 'test-call-child.ts'),
      `${provider.port}`,
      dataDir,
    ]);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await expect.poll(() => provider.count(seen), { timeout: 20_000 }).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await exited;
    await appendFile(join(dataDir, 'test-calls.jsonl'), '{"kind":"open","id":"to');
    const bench = await openRunner(provider.port, {}, { dataDir });
    cleanups.push(bench.close);
    expect(bench.store.fault).toContain('1 lines are not as they were written');
    expect(bench.store.openCalls).toHaveLength(1);
    await bench.runner.recover();
    expect(provider.count(end)).toBeGreaterThan(0);
    expect(provider.up).toBe(0);
    expect(bench.measurements).toMatchObject([{ outcome: 'recovered', costMicros: 41_000 }]);
    expect(bench.store.openCalls).toEqual([]);
    expect(bench.store.spent('acme.one')).toMatchObject([{ calls: 1, micros: 41_000 }]);
    expect(await readFile(join(dataDir, 'test-calls.jsonl'), 'utf8')).toContain('"closed"');
  },
  40_000,
);
