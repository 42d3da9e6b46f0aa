import { createSocket } from 'node:dgram';
import { describe, expect, test, vi } from 'vitest';
import { openLoopbackProbe } from '../../../../probes/measure/instrument/loopback-probe.ts';

describe('openLoopbackProbe', () => {
  test('gives each self-probe once, answered', async () => {
    const loopback = await openLoopbackProbe({ nowMs: () => performance.now() });
    const rttsMs: number[] = [];
    for (let sent = 0; sent < 10; sent += 1) loopback.send();
    await vi.waitFor(() => {
      rttsMs.push(...loopback.collect().rttsMs);
      expect(rttsMs).toHaveLength(10);
    });
    expect(rttsMs.every((rttMs) => rttMs > 0)).toBe(true);
    expect(loopback.collect()).toEqual({ lost: 0, rttsMs: [] });
    loopback.close();
  });

  test('one without reply for 500 ms is lost, not before', async () => {
    let nowMs = 0;
    const loopback = await openLoopbackProbe({ nowMs: () => nowMs });
    loopback.send();
    nowMs = 499;
    expect(loopback.collect()).toEqual({ lost: 0, rttsMs: [] });
    nowMs = 500;
    expect(loopback.collect()).toEqual({ lost: 1, rttsMs: [] });
    loopback.close();
  });

  test('datagrams of strangers neither answer it nor are answered', async () => {
    const loopback = await openLoopbackProbe({ nowMs: () => 1 });
    const stranger = createSocket('udp4');
    const heard: Buffer[] = [];
    stranger.on('message', (message) => heard.push(message));
    await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.1', resolve));
    for (const port of [loopback.askerPort, loopback.responderPort])
      stranger.send(Buffer.alloc(400), port, '127.0.0.1');
    loopback.send();
    const rttsMs: number[] = [];
    await vi.waitFor(() => {
      rttsMs.push(...loopback.collect().rttsMs);
      expect(rttsMs).toHaveLength(1);
    });
    loopback.send();
    await vi.waitFor(() => {
      rttsMs.push(...loopback.collect().rttsMs);
      expect(rttsMs).toHaveLength(2);
    });
    expect(heard).toEqual([]);
    stranger.close();
    loopback.close();
  });
});
