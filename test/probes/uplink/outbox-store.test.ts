import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OutboxError } from '../../../probes/uplink/outbox-error.ts';
import { OutboxStore } from '../../../probes/uplink/outbox-store.ts';
import { encodeFrame, parseProbeFrame } from '../../../wire/codec.ts';
import type { EventBody } from '../../../wire/probe-frames.ts';

const TIMES = { occurredAtMs: 12.5, occurredAtEpochMs: 1_795_500_000_000.25 };
const note = (text: string): EventBody => ({ kind: 'probe-note', code: 'test', text });

let directory: string;
const open: OutboxStore[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trunkward-outbox-'));
});
afterEach(async () => {
  for (const outbox of open.splice(0)) await outbox.close();
  await rm(directory, { recursive: true });
});

function opened(limits?: { readonly maxEvents: number; readonly maxBytes: number }): OutboxStore {
  const outbox = OutboxStore.open(directory, 1000, limits);
  open.push(outbox);
  return outbox;
}

function codeOf(cause: unknown): string {
  return cause instanceof OutboxError ? cause.code : String(cause);
}

describe('OutboxStore', () => {
  test('numbers events from 1 in the order of the calls, and gives them back as frames that a hub can read', async () => {
    const outbox = opened();
    const sequences = await Promise.all(['a', 'b', 'c'].map((text) => outbox.append(note(text), TIMES)));
    expect(sequences).toEqual([1, 2, 3]);
    const events = await outbox.unacknowledged(1, 10);
    expect(events.map(({ sequence, body }) => [sequence, body])).toEqual([
      [2, note('b')],
      [3, note('c')],
    ]);
    expect(events[0]).toMatchObject({ ...TIMES, outboxId: outbox.outboxId });
    for (const event of events) expect(parseProbeFrame(encodeFrame(event))).toEqual({ ok: true, frame: event });
    expect(await outbox.unacknowledged(0, 2)).toHaveLength(2);
    expect(outbox.counts).toMatchObject({ events: 3, rejected: 0 });
  });

  test('keeps events, id and numbering over a restart; a sequence is never given twice, even once all are acknowledged', async () => {
    const first = opened();
    await first.append(note('a'), TIMES);
    await first.append(note('b'), TIMES);
    expect(await first.acknowledge(first.outboxId, 2)).toBe('removed');
    await first.close();
    const second = opened();
    expect(second.outboxId).toBe(first.outboxId);
    expect(second.counts).toEqual({ events: 0, bytes: 0, rejected: 0 });
    expect(await second.append(note('c'), TIMES)).toBe(3);
  });

  test('an acknowledgement of another outbox, or of events never appended, removes nothing', async () => {
    const outbox = opened();
    await outbox.append(note('a'), TIMES);
    expect(await outbox.acknowledge('00000000-another', 1)).toBe('other-outbox');
    expect(await outbox.acknowledge(outbox.outboxId, 2)).toBe('beyond-last');
    expect(await outbox.unacknowledged(0, 10)).toHaveLength(1);
    expect(await outbox.acknowledge(outbox.outboxId, 1)).toBe('removed');
    expect(await outbox.acknowledge(outbox.outboxId, 1)).toBe('removed');
    expect(outbox.counts).toMatchObject({ events: 0, bytes: 0 });
  });

  test('at the cap an append is refused and counted, never dropped in silence (rule 8); room comes with acknowledgements', async () => {
    const outbox = opened({ maxEvents: 2, maxBytes: 1e6 });
    await outbox.append(note('a'), TIMES);
    const [second, third] = await Promise.allSettled([
      outbox.append(note('b'), TIMES),
      outbox.append(note('c'), TIMES),
    ]);
    expect(second.status).toBe('fulfilled');
    expect(third.status === 'rejected' && codeOf(third.reason)).toBe('OUTBOX_FULL');
    expect(outbox.counts).toMatchObject({ events: 2, rejected: 1 });
    await outbox.acknowledge(outbox.outboxId, 1);
    expect(await outbox.append(note('d'), TIMES)).toBe(3);
  });

  test('the cap holds in bytes as well', async () => {
    const outbox = opened({ maxEvents: 100, maxBytes: 200 });
    await outbox.append(note('x'.repeat(100)), TIMES);
    await expect(outbox.append(note('x'.repeat(100)), TIMES).catch(codeOf)).resolves.toBe('OUTBOX_FULL');
  });

  test('an event that no hub could read is refused at once, so that it never stands in the way of others', async () => {
    const outbox = opened();
    await expect(outbox.append(note('x'.repeat(501)), TIMES).catch(codeOf)).resolves.toBe('OUTBOX_BAD_EVENT');
    expect(await outbox.append(note('fits'), TIMES)).toBe(1);
  });

  test('a second process cannot open it', async () => {
    opened();
    const child = spawn(process.execPath, [fixture(), directory], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    expect(line).toBe('OUTBOX_IN_USE');
  });

  test('after closing every call rejects', async () => {
    const outbox = opened();
    const last = outbox.append(note('a'), TIMES);
    await outbox.close();
    expect(await last).toBe(1);
    await expect(outbox.append(note('b'), TIMES).catch(codeOf)).resolves.toBe('OUTBOX_CLOSED');
    await expect(outbox.unacknowledged(0, 1).catch(codeOf)).resolves.toBe('OUTBOX_CLOSED');
    await expect(outbox.acknowledge(outbox.outboxId, 1).catch(codeOf)).resolves.toBe('OUTBOX_CLOSED');
  });

  test.each(['overwritten', 'cut short'])(
    'a file %s is moved aside, named, and a new outbox with a new id takes its place',
    async (how) => {
      const first = opened();
      for (let at = 0; at < 300; at += 1) await first.append(note('x'.repeat(400)), TIMES);
      await first.close();
      const path = join(directory, 'outbox.sqlite3');
      if (how === 'overwritten') await writeFile(path, 'this was never a database'.repeat(500));
      else await truncate(path, 10_000);
      const damaged = await readFile(path);
      const second = opened();
      expect(second.outboxId).not.toBe(first.outboxId);
      expect(second.setAside).toBe(`${path}.damaged-1000`);
      expect(await readFile(`${path}.damaged-1000`)).toEqual(damaged);
      expect(await second.append(note('new'), TIMES)).toBe(1);
    },
  );

  test('a directory that cannot be used is said, with its cause', async () => {
    await writeFile(join(directory, 'file'), '');
    const attempt = (async () => OutboxStore.open(join(directory, 'file'), 1000))();
    await expect(attempt).rejects.toMatchObject({
      code: 'OUTBOX_OPEN_FAILED',
      retryable: false,
      cause: expect.any(Error),
    });
  });

  test('every event whose append resolved is there after kill -9 (rule 8)', async () => {
    for (const round of [1, 2, 3]) {
      const child = spawn(process.execPath, [fixture(), directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      const resolved: number[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        resolved.push(Number(line));
        if (resolved.length === 100 * round) child.kill('SIGKILL');
      }
      const outbox = OutboxStore.open(directory, 1000);
      const stored = await outbox.unacknowledged(0, 1_000_000);
      await outbox.close();
      const sequences = stored.map(({ sequence }) => sequence);
      expect(resolved.length).toBeGreaterThanOrEqual(100 * round);
      expect(outbox.setAside).toBeUndefined();
      expect(resolved.filter((sequence) => !sequences.includes(sequence))).toEqual([]);
      expect(sequences).toEqual(sequences.map((_, at) => at + 1));
      expect(await readdir(directory)).toContain('outbox.sqlite3');
    }
  });
});

function fixture(): string {
  return fileURLToPath(new URL('outbox-writer.ts', import.meta.url));
}
