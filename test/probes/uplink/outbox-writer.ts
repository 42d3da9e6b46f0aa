import { writeSync } from 'node:fs';
import { OutboxError } from '../../../probes/uplink/outbox-error.ts';
import { OutboxStore } from '../../../probes/uplink/outbox-store.ts';

// Appends without end and writes each sequence once its append has resolved, until it is killed.
try {
  const outbox = OutboxStore.open(process.argv[2] ?? '', 1000);
  for (;;) {
    const texts = Array.from({ length: 1 + Math.floor(performance.now() % 7) }, (_, at) => `event ${at}`);
    const sequences = await Promise.all(
      texts.map((text) =>
        outbox.append({ kind: 'probe-note', code: 'test', text }, { occurredAtMs: 1, occurredAtEpochMs: 2 }),
      ),
    );
    writeSync(1, sequences.map((sequence) => `${sequence}\n`).join(''));
  }
} catch (cause) {
  if (!(cause instanceof OutboxError)) throw cause;
  writeSync(1, `${cause.code}\n`);
}
