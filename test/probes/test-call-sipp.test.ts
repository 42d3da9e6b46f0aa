import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRunner } from './test-call-bench.ts';

const hasSipp = spawnSync('sipp', ['-v']).error === undefined;

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

test.runIf(hasSipp)(
  'a call to SIPp with its RTP echo is measured both ways and ended by BYE',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trunkward-sipp-'));
    const [port, mediaPort] = [await freePort(), await freePort()];
    const args = [
      '-sn',
      'uas',
      '-rtp_echo',
      '-i',
      '127.0.0.1',
      '-mi',
      '127.0.0.1',
      '-p',
      `${port}`,
      '-mp',
      `${mediaPort}`,
    ];
    const sipp = spawn('sipp', [...args, '-m', '1', '-nostdin', '-timeout', '60'], { cwd: folder, stdio: 'ignore' });
    const ended = new Promise<number | null>((resolve) => sipp.once('exit', resolve));
    const bench = await openRunner(port);
    try {
      await bench.runner.place('acme.one');
      expect(bench.faults).toEqual([]);
      const [measurement] = bench.measurements;
      expect(measurement).toMatchObject({
        outcome: 'answered',
        endedBy: 'bye',
        statusCode: 200,
        codec: 'ulaw',
        receivedCovers: 'round-trip',
        costMicros: 21_000,
      });
      expect(measurement?.received?.expected).toBeGreaterThan(50);
      expect(measurement?.received?.lost).toBe(0);
      expect(bench.store.openCalls).toEqual([]);
      expect(await ended).toBe(0);
    } finally {
      await bench.close();
      sipp.kill();
      await rm(folder, { recursive: true });
    }
  },
  60_000,
);
