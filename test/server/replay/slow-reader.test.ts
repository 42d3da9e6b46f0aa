import fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import type { HubApi } from '../../../server/api/hub-api.ts';
import { recordingRoutes } from '../../../server/api/recording-routes.ts';
import type { ProbeHandlers } from '../../../server/ingest/probe-server.ts';
import { recordFrom } from '../../../server/replay/record-client.ts';
import { Recorder } from '../../../server/replay/recorder-server.ts';
import { batchFrame } from '../../support/probe-frames.ts';
import { hubConfig } from '../hub-fixture.ts';
import { until } from '../store/store-fixture.ts';

const BOUND_BYTES = 64 * 1024 * 1024;

/** A recorder behind its route, and what hands it a frame of a megabyte. */
async function recording() {
  const recorder = new Recorder(hubConfig('.'), () => 1_800_000_000_000);
  const { onBatch } = recorder.around({ onBatch: () => undefined } as unknown as ProbeHandlers);
  const api = {
    record: (forMs: number) => recorder.begin(forMs),
    token: () => ({ kind: 'user', name: 'night-shift', role: 'operator' }),
    isAnonymousViewerAllowed: false,
  } as unknown as HubApi;
  const app = fastify();
  recordingRoutes(app, api);
  const hub = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  onTestFinished(() => app.close());
  const outcome = { kind: 'answered', rttMs: 4.2, statusCode: 200 } as const;
  const one = { kind: 'sip-options', target: 'a.a1', schedule: 'liveness', sequence: 1, sentAtMs: 2, outcome } as const;
  const measurements = Array.from({ length: Math.ceil(1e6 / JSON.stringify(one).length) }, () => one);
  const hand = (sequence: number): void => onBatch('fra-1', 'instance-0001', batchFrame({ sequence, measurements }));
  return { recorder, hub, hand };
}

function read(hub: URL, onText: (text: string) => void | Promise<void>) {
  const ended = new AbortController();
  onTestFinished(() => ended.abort());
  const token = 'a-token-of-an-operator';
  const lines = recordFrom({ hub, token, caFile: undefined, forS: 600, onText, signal: ended.signal });
  lines.catch(() => undefined);
  return { lines, end: () => ended.abort() };
}

it('a reader that stops is waited for up to 64 MiB and then cut off, while another loses nothing', async () => {
  const { hand, hub, recorder } = await recording();
  const gate = Promise.withResolvers<void>();
  onTestFinished(() => gate.resolve());
  const stopped = { pieces: 0 };
  const slow = read(hub, () => {
    stopped.pieces += 1;
    return gate.promise;
  });
  let taken = 0;
  const quick = read(hub, (text) => {
    taken += text.split('\n').length - 1;
  });
  await until(() => recorder.count === 2 && taken === 1 && stopped.pieces === 1);
  let handed = 0;
  await until(() => {
    if (handed > taken + 8) return false;
    handed += 1;
    hand(handed);
    return recorder.count === 1;
  }, 60_000);
  expect(handed * 1e6).toBeGreaterThan(BOUND_BYTES);
  expect(handed * 1e6).toBeLessThan(3 * BOUND_BYTES);
  expect(stopped.pieces).toBe(1);
  await until(() => taken === handed + 1, 60_000);
  gate.resolve();
  await expect(slow.lines).rejects.toThrow(/aborted|ECONNRESET|hang up/);
  quick.end();
  expect(await quick.lines).toBe(handed + 1);
}, 150_000);
