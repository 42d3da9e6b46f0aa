import { expect, onTestFinished, test, vi } from 'vitest';
import { IcmpRunner } from '../../probes/icmp-runner.ts';
import type { IcmpMeasurement } from '../../wire/measurement.ts';

test('pings what is new, lets go of what is gone, and does not disturb what stays', async () => {
  const stop = new AbortController();
  const seen: IcmpMeasurement[] = [];
  const runner = new IcmpRunner({
    policy: { intervalMs: 200, timeoutMs: 1000 },
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    signal: stop.signal,
    onMeasurements: (measurements) => seen.push(...measurements),
    onFault: () => undefined,
    onEnded: (cause) => expect.fail(String(cause)),
  });
  onTestFinished(async () => {
    stop.abort();
    await runner.ended();
  });
  const of = (target: string) => seen.filter((each) => each.target === target);
  runner.retarget([
    { target: 'stays', address: '127.0.0.1' },
    { target: 'goes', address: '127.0.0.2' },
  ]);
  await vi.waitFor(
    () => {
      expect(of('stays').length).toBeGreaterThan(0);
      expect(of('goes').length).toBeGreaterThan(0);
    },
    { timeout: 30_000 },
  );
  runner.retarget([
    { target: 'stays', address: '127.0.0.1' },
    { target: 'comes', address: '127.0.0.3' },
  ]);
  await vi.waitFor(() => expect(of('comes').length).toBeGreaterThan(0), { timeout: 30_000 });
  const gone = of('goes').length;
  const before = of('stays').length;
  await vi.waitFor(() => expect(of('stays').length).toBeGreaterThan(before), { timeout: 30_000 });
  expect(of('goes')).toHaveLength(gone);
  expect(of('stays').map(({ sequence }) => sequence)).toEqual(of('stays').map((_, at) => at));
}, 100_000);

test('tells of an address that is no literal instead of pinging it', async () => {
  const ended = vi.fn<(cause: unknown) => void>();
  const stop = new AbortController();
  const runner = new IcmpRunner({
    policy: { intervalMs: 1000, timeoutMs: 1000 },
    clock: { nowMs: () => performance.now(), epochMs: () => Date.now() },
    signal: stop.signal,
    onMeasurements: () => undefined,
    onFault: () => undefined,
    onEnded: ended,
  });
  runner.retarget([{ target: 'a', address: '-f localhost' }]);
  await runner.ended();
  expect(String(ended.mock.calls[0]?.[0])).toMatch('no IP literal');
});
