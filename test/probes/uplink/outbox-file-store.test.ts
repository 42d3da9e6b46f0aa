import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openOutboxFile } from '../../../probes/uplink/outbox-file-store.ts';

test('commits are flushed to the disk (rule 8: WAL with synchronous=FULL), and the file is ours alone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'trunkward-outbox-'));
  const { database, outboxId, setAside } = openOutboxFile(join(directory, 'made', 'as needed'), 1);
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect([pragma('journal_mode'), pragma('synchronous'), pragma('locking_mode')]).toEqual(['wal', 2, 'exclusive']);
  expect(outboxId).toMatch(/^[0-9a-f-]{36}$/);
  expect(setAside).toBeUndefined();
  database.close();
  const { mode } = await stat(join(directory, 'made', 'as needed'));
  expect(mode & 0o007).toBe(0);
  await rm(directory, { recursive: true });
});
