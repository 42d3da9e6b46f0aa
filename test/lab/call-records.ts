import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventBody } from '../../wire/probe-frames.ts';

/** A call-ended event as the hub's store holds it. */
export type CallRecord = {
  readonly uniqueId: string;
  readonly startedAtEpochMs: number;
  readonly endedAtEpochMs: number;
  readonly hasMissedEvents: boolean;
};

/** Call events of one PBX in the hub's own database, oldest first; `unknownEnds` are the notes on ends that nobody saw. */
export type CallRecords = { readonly ended: readonly CallRecord[]; readonly unknownEnds: readonly string[] };

/** Reads the database beside the running hub, without its help. Every row counts, so a doubled event shows. */
export function readCallRecords(hubDataDir: string, pbx: string): CallRecords {
  const database = new DatabaseSync(join(hubDataDir, 'hub.sqlite3'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT body FROM probe_events WHERE pbx = ? ORDER BY id').all(pbx);
    const bodies = rows.map(({ body }) => JSON.parse(String(body)) as EventBody);
    return {
      ended: bodies.flatMap((body) =>
        body.kind === 'call-ended'
          ? [
              {
                uniqueId: body.uniqueId,
                startedAtEpochMs: body.startedAtEpochMs,
                endedAtEpochMs: body.endedAtEpochMs,
                hasMissedEvents: body.missedEvents ?? false,
              },
            ]
          : [],
      ),
      unknownEnds: bodies.flatMap((body) =>
        body.kind === 'probe-note' && body.code === 'call-end-unknown' ? [body.text] : [],
      ),
    };
  } finally {
    database.close();
  }
}
