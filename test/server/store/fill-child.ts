/** Appends to the journal of a store until the disk refuses, then until it has taken writes again. Prints each id. */
import { writeSync } from 'node:fs';
import { StoreError } from '../../../server/errors.ts';
import { openStore } from '../../../server/store/database-store.ts';

const [driver, file = ''] = process.argv.slice(2);
const store = await openStore({
  driver: driver === 'sqlite3' ? 'sqlite3' : 'node:sqlite',
  file,
  clock: { nowEpochMs: Date.now },
  limits: { retryFirstMs: 10, retryLongestMs: 50 },
});
const print = (line: string) => writeSync(1, `${line}\n`);
const entry = { kind: 'note', actor: 'child', sentence: 'x'.repeat(4000) };
let hasRefused = false;
for (let n = 0; n < 5000; n += 1) {
  try {
    const { id } = await store.journal.append(entry);
    print(String(id));
    if (hasRefused) break;
  } catch (cause) {
    if (!(cause instanceof StoreError) || cause.code !== 'JOURNAL_UNWRITABLE') throw cause;
    if (!hasRefused) {
      hasRefused = true;
      const kept = await store.journal.appendOrBuffer({ ...entry, sentence: 'kept in memory' });
      if (kept.kind !== 'buffered') throw new Error(`expected buffered, found ${kept.kind}`, { cause });
      print('unwritable');
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
print(store.isJournalWritable ? 'writable' : 'never recovered');
await store.close();
