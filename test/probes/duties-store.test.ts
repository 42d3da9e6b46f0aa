import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DutiesStore } from '../../probes/duties-store.ts';
import type { AssignmentFrame } from '../../wire/assignment.ts';

const FRAME: AssignmentFrame = {
  v: 1,
  type: 'assignment',
  fence: 2,
  version: 9,
  issuedAtEpochMs: 1_800_000_000_000,
  options: [
    {
      target: 'a.a1',
      role: 'inherit',
      intervalMs: 40_000,
      phaseMs: 0,
      lossMeanMs: 0,
      perMinute: 1,
      aloneIntervalMs: 600_000,
      from: ['fra-1'],
    },
  ],
  mesh: [
    {
      session: 'session-0001',
      peer: 'ams-1',
      role: 'sender',
      key: 'k'.repeat(43),
      packetMs: 20,
      payloadBytes: 160,
      onMs: 10_000,
      offMs: 0,
    },
  ],
  testCalls: [],
};

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trunkward-duties-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('gives back what was saved last, without the keys of the mesh, which reach no disk', async () => {
  const dir = folder();
  const store = new DutiesStore(dir);
  expect(await store.load()).toEqual({ frame: undefined, fault: undefined });
  await Promise.all([store.save({ ...FRAME, version: 8 }), store.save(FRAME)]);
  expect(await new DutiesStore(dir).load()).toEqual({ frame: { ...FRAME, mesh: [] }, fault: undefined });
  expect(readFileSync(join(dir, 'assignment.json'), 'utf8')).not.toContain('kkkk');
});

test.each(['', '{', '{"v":1,"type":"ack","outboxId":"outbox-0001","sequence":1}', '{"v":1,"type":"assignment"}'])(
  'takes nothing from a file that is not as it was written (%j), and says so',
  async (text) => {
    const dir = folder();
    writeFileSync(join(dir, 'assignment.json'), text);
    expect(await new DutiesStore(dir).load()).toMatchObject({
      frame: undefined,
      fault: expect.stringContaining('not as'),
    });
  },
);
