import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Arrival, MeshArrivals } from '../../../../probes/measure/rtp/mesh-arrivals-runner.ts';

const arrival = (arrivalMs: number): Arrival => ({ bytes: new Uint8Array(1), address: '192.0.2.1', arrivalMs });

test('works on nothing while more is being read, then in order, one a turn of the loop', async () => {
  const worked: number[] = [];
  const arrivals = new MeshArrivals(({ arrivalMs }) => void worked.push(arrivalMs));
  for (const at of [1, 2, 3]) arrivals.take(arrival(at));
  expect(worked).toEqual([]);
  await turn();
  expect(worked).toEqual([1]);
  arrivals.take(arrival(4));
  for (let at = 0; at < 5; at += 1) await turn();
  expect(worked).toEqual([1, 2, 3, 4]);
});

test('holds 64 at most: then the oldest is worked on at once, and none is lost', async () => {
  const worked: number[] = [];
  const arrivals = new MeshArrivals(({ arrivalMs }) => void worked.push(arrivalMs));
  for (let at = 0; at < 100; at += 1) arrivals.take(arrival(at));
  expect(worked).toEqual(Array.from({ length: 36 }, (_, at) => at));
  for (let at = 0; at < 100; at += 1) await turn();
  expect(worked).toEqual(Array.from({ length: 100 }, (_, at) => at));
});

test('forgets what waits when it is closed', async () => {
  const worked: number[] = [];
  const arrivals = new MeshArrivals(({ arrivalMs }) => void worked.push(arrivalMs));
  arrivals.take(arrival(1));
  arrivals.close();
  await turn();
  expect(worked).toEqual([]);
});
