import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { assemblePack } from '../../../server/evidence/assemble-pack.ts';
import { sha256Hex } from '../../../server/evidence/digest-client.ts';
import { writeForm } from '../../../server/evidence/pack-form.ts';
import type { PackInput } from '../../../server/evidence/pack-input.ts';
import { PackThread } from '../../../server/evidence/pack-thread-client.ts';
import { sealPack } from '../../../server/evidence/seal-pack.ts';
import { contextPath, MINUTE_MS, OPENED, packInput, STYLE_DIGEST } from './evidence-fixture.ts';

const thread = new PackThread();
afterAll(() => thread.close());
afterEach(() => vi.restoreAllMocks());

const QUARTER_MS = 15 * MINUTE_MS;

/** As much as a pack is ever made of: 200 contexts of 200 paths, and a day of quarters of an hour of each path. */
function largest(): PackInput {
  const paths = Array.from({ length: 100 }, (_, at) => [
    contextPath(`fra-${at}`, 'a', 60, at % 7),
    contextPath(`fra-${at}`, 'b', 60, 0),
  ]).flat();
  const sums = { inside: { paths: 100, sent: 6000, lost: 300 }, outside: { paths: 100, sent: 6000, lost: 0 } };
  const context = { format: 'trunkward-context-1', windowMs: MINUTE_MS, paths, ...sums } as const;
  return packInput({
    contexts: Array.from({ length: 200 }, (_, at) => ({ atEpochMs: OPENED + at * MINUTE_MS, context })),
    rollups: paths.flatMap(({ pathKey }) =>
      Array.from({ length: 100 }, (_, at) => ({
        pathKey,
        startEpochMs: OPENED + at * QUARTER_MS,
        lengthMs: QUARTER_MS,
        sent: 900,
        lost: at % 4,
        rttP50Ms: 20,
        rttP95Ms: 31,
      })),
    ),
  });
}

function writtenHere(input: PackInput, form: Parameters<typeof writeForm>[1]): Uint8Array {
  return writeForm(sealPack(assemblePack(input), sha256Hex), form, { sha256: sha256Hex, styleDigest: STYLE_DIGEST });
}

describe('a pack that is made in a thread of its own', () => {
  it.each(['html', 'json', 'csv', 'zip'] as const)(
    'is to the byte what this thread would write as %s',
    async (form) => {
      const { body, place } = await thread.make(packInput(), form);
      expect(Buffer.compare(body, writtenHere(packInput(), form))).toBe(0);
      expect(place).toBe('provider telco-a');
    },
  );

  it('holds this thread up for no more than a fraction of the work, however large it is', async () => {
    const input = largest();
    const beganAtMs = performance.now();
    const expected = writtenHere(input, 'json');
    const workMs = performance.now() - beganAtMs;
    const turnsMs: number[] = [];
    const watching = new AbortController();
    const watched = (async () => {
      for (let lastAtMs = performance.now(); !watching.signal.aborted; ) {
        await setImmediate();
        const nowMs = performance.now();
        turnsMs.push(nowMs - lastAtMs);
        lastAtMs = nowMs;
      }
    })();
    const { body } = await thread.make(input, 'json');
    watching.abort();
    await watched;
    expect(Buffer.compare(body, expected)).toBe(0);
    expect(turnsMs.filter((turnMs) => turnMs > workMs / 2)).toEqual([]);
  });

  it('that cannot be made is an error of who asked, and the next is made', async () => {
    const broken = { ...packInput(), calls: undefined } as unknown as PackInput;
    await expect(thread.make(broken, 'json')).rejects.toThrow(TypeError);
    expect((await thread.make(packInput(), 'json')).body.length).toBeGreaterThan(1000);
  });

  it('that takes too long is an error of who asked', async () => {
    const hurried = new PackThread(1);
    await expect(hurried.make(packInput(), 'json')).rejects.toThrow('longer than 0.001 s');
    await hurried.close();
  });

  /** The thread that was last told anything: a real one, on which an event is let happen that no test can bring about. */
  function threadTold(told: ReturnType<typeof watchThreads>): Worker {
    const worker = told.mock.contexts.at(-1);
    if (!(worker instanceof Worker)) throw new Error('no thread was told anything');
    return worker;
  }

  function watchThreads() {
    return vi.spyOn(Worker.prototype, 'postMessage');
  }

  it('whose answer cannot be read is an error of who asked; its thread is ended, and the next pack has another', async () => {
    const told = watchThreads();
    const failing = new PackThread();
    const making = failing.make(packInput(), 'json');
    const first = threadTold(told);
    const ended = new Promise((resolve) => first.once('exit', resolve));
    first.emit('messageerror', new Error('not to be read'));
    await expect(making).rejects.toThrow('not to be read');
    await ended;
    expect((await failing.make(packInput(), 'json')).body.length).toBeGreaterThan(1000);
    expect(threadTold(told)).not.toBe(first);
    await failing.close();
  });

  it("whose thread ends between two packs is nobody's error: the next pack has another", async () => {
    const told = watchThreads();
    const lasting = new PackThread();
    await lasting.make(packInput(), 'json');
    const first = threadTold(told);
    await first.terminate();
    expect((await lasting.make(packInput(), 'json')).body.length).toBeGreaterThan(1000);
    expect(threadTold(told)).not.toBe(first);
    await lasting.close();
  });

  it('leaves no thread behind it when the hub stops, whether it was at work or waited for the next', async () => {
    const told = watchThreads();
    for (const isAtWork of [true, false]) {
      const stopping = new PackThread();
      const making = stopping.make(packInput(), 'json');
      if (!isAtWork) await making;
      const ended = new Promise((resolve) => threadTold(told).once('exit', resolve));
      await Promise.allSettled([making, stopping.close()]);
      await ended;
    }
  });

  it('is given up when the hub stops, and none is made after that', async () => {
    const stopping = new PackThread();
    const making = stopping.make(packInput(), 'json');
    const [made] = await Promise.allSettled([making, stopping.close()]);
    expect(made).toMatchObject({ status: 'rejected', reason: { message: 'no pack is made while the hub stops' } });
    await expect(stopping.make(packInput(), 'json')).rejects.toThrow('while the hub stops');
  });
});
