import Type from 'typebox';
import { Check } from 'typebox/value';
import { LineMeasurement } from '../wire/host-measurement.ts';
import type { Engine } from './engine.ts';
import type { JournalStore } from './store/journal-store.ts';

/** Entries older than this bring no figure back. */
const REACH_MS = 7 * 86_400_000;
/** Most entries read back, newest first. */
const MAX_ENTRIES = 5000;

const Recorded = Type.Object({
  line: Type.String({ pattern: '^[a-z0-9-]+>[a-z0-9-]+$' }),
  from: Type.String(),
  forward: LineMeasurement,
  reverse: LineMeasurement,
});

/**
 * Takes the last transfer over each line from the journal, so that a restart of the hub forgets neither its figures nor that
 * its turn was taken. Entries that are not understood are passed over.
 *
 * @returns by line (`FROM_SITE>TO_SITE`), when it was last measured.
 */
export async function recallLines(
  engine: Pick<Engine, 'lineMeasured'>,
  journal: Pick<JournalStore, 'list'>,
  nowMs: number,
): Promise<ReadonlyMap<string, number>> {
  const measuredAtMs = new Map<string, number>();
  const seen = new Set<string>();
  let cursor: number | undefined;
  let read = 0;
  do {
    const page = await journal.list({
      kinds: ['line-measured'],
      fromEpochMs: Math.floor(nowMs - REACH_MS),
      limit: 500,
      order: 'newest',
      ...(cursor !== undefined && { cursor }),
    });
    for (const { atEpochMs, detail } of page.items) {
      if (!Check(Recorded, detail)) continue;
      const atMs = Math.min(atEpochMs, nowMs);
      const { forward, from, line, reverse } = detail;
      if (!measuredAtMs.has(line)) measuredAtMs.set(line, atMs);
      const path = `${from}>${forward.target}`;
      if (seen.has(path)) continue;
      seen.add(path);
      for (const each of [forward, reverse]) engine.lineMeasured(from, each, atMs);
    }
    read += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined && read < MAX_ENTRIES);
  return measuredAtMs;
}
