import { describe, expect, it } from 'vitest';
import { recallLines } from '../../server/line-recall.ts';
import type { JournalEntry } from '../../server/store/journal-store.ts';
import type { Json } from '../../server/store/json-value.ts';

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

function entry(id: number, detail: Json, atEpochMs = NOW - id * HOUR_MS): JournalEntry {
  const shared = { kind: 'line-measured', actor: 'probe', scope: {}, sentence: '', isBuffered: false };
  return { id, atEpochMs, detail, ...shared };
}

function transfer(line: string, from: string, peer: string, bytes = 1000): Json {
  const shared = { kind: 'line', target: `peer.${peer}`, startedAtMs: 5, durationMs: 10, bytes, outcome: 'measured' };
  return { line, from, forward: { ...shared, direction: 'forward' }, reverse: { ...shared, direction: 'reverse' } };
}

async function recalled(items: readonly JournalEntry[]) {
  const told: string[] = [];
  const asked: unknown[] = [];
  const measuredAtMs = await recallLines(
    {
      lineMeasured: (pbx, { bytes, direction }, atMs) =>
        told.push(`${pbx} ${direction} ${bytes} ${(NOW - atMs) / HOUR_MS}`),
    },
    {
      list: async (filter) => {
        asked.push(filter);
        return { items: [...items], nextCursor: undefined };
      },
    },
    NOW,
  );
  return { told, asked, measuredAtMs: [...measuredAtMs] };
}

describe('recallLines', () => {
  it('takes the newest transfer of each line, with its own time', async () => {
    const { asked, measuredAtMs, told } = await recalled([
      entry(1, transfer('fra>ams', 'fra-1', 'ams-1', 7)),
      entry(2, transfer('ams>fra', 'ams-1', 'fra-1')),
      entry(9, transfer('fra>ams', 'fra-1', 'ams-1', 9)),
      entry(10, transfer('fra>ams', 'fra-2', 'ams-1')),
    ]);
    expect(asked).toMatchObject([{ kinds: ['line-measured'], order: 'newest', fromEpochMs: NOW - 7 * 24 * HOUR_MS }]);
    expect(measuredAtMs).toEqual([
      ['fra>ams', NOW - HOUR_MS],
      ['ams>fra', NOW - 2 * HOUR_MS],
    ]);
    expect(told).toEqual([
      'fra-1 forward 7 1',
      'fra-1 reverse 7 1',
      'ams-1 forward 1000 2',
      'ams-1 reverse 1000 2',
      'fra-2 forward 1000 10',
      'fra-2 reverse 1000 10',
    ]);
  });

  it('passes over what it does not understand, and lets no time lie ahead', async () => {
    const odd: readonly Json[] = [null, 'text', {}, { line: 'fra>ams', from: 'fra-1', forward: {}, reverse: {} }];
    const { measuredAtMs, told } = await recalled([
      ...odd.map((detail, at) => entry(at + 1, detail)),
      entry(9, transfer('fra>ams', 'fra-1', 'ams-1'), NOW + HOUR_MS),
    ]);
    expect(measuredAtMs).toEqual([['fra>ams', NOW]]);
    expect(told).toHaveLength(2);
  });
});
