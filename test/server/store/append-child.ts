/** Appends entries and events without end, sixteen at once, and prints each one that was acknowledged. Killed by its parent. */
import { writeSync } from 'node:fs';
import { openStore } from '../../../server/store/database-store.ts';

const [driver, file = '', round = ''] = process.argv.slice(2);
const store = await openStore({
  driver: driver === 'sqlite3' ? 'sqlite3' : 'node:sqlite',
  file,
  clock: { nowEpochMs: Date.now },
});
const intake = store.events.openIntake();
let next = 0;
async function appendForEver(): Promise<never> {
  for (;;) {
    const n = next;
    next += 1;
    const event = intake.append({
      outboxId: `outbox-${round}`,
      sequence: n,
      pbx: 'fra-1',
      occurredAtEpochMs: n,
      kind: 'probe-note',
      body: { n },
    });
    const entry = await store.journal.append({ kind: 'note', actor: 'child', sentence: `entry ${round}.${n}` });
    writeSync(1, `j ${entry.id} ${round}.${n}\n`);
    await event;
    writeSync(1, `e ${n}\n`);
  }
}
await Promise.all(Array.from({ length: 16 }, appendForEver));
