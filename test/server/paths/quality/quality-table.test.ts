import { describe, expect, it } from 'vitest';
import { type CallEnded, QualityTable } from '../../../../server/paths/quality/quality-table.ts';
import type { RtpCallMeasurement } from '../../../../wire/rtp-measurement.ts';

const NOW = 10 * 3_600_000;
const KNOWN = {
  target: () => true,
  trunk: (trunk: string) => trunk === 'trunk-a',
  edge: (_trunk: string, edge: string) => edge === 'edge-1',
  class: (name: string) => name === 'national',
};
const CALL: CallEnded = {
  kind: 'call-ended',
  linkedId: '1.1',
  uniqueId: '1.2',
  trunk: 'trunk-a',
  startedAtEpochMs: NOW - 30_000,
  endedAtEpochMs: NOW - 10_000,
};
const MEDIA: RtpCallMeasurement = {
  kind: 'rtp-call',
  trunk: 'trunk-a',
  leg: 1,
  direction: 'received',
  observedAtMs: 1000,
  intervalMs: 5000,
  expected: 900,
  lost: 0,
  isFinal: false,
  source: 'rtcp',
};
const TIMES = { batchSentAtMs: 1000, nowMs: NOW };

describe('QualityTable', () => {
  it('pools the packets of calls, not their ratios', () => {
    const table = new QualityTable(KNOWN);
    table.addBatch('pbx-1', [MEDIA, { ...MEDIA, leg: 2, expected: 100, lost: 10 }], TIMES);
    const figures = table.trunkSheet('pbx-1', 'trunk-a', NOW)?.figures ?? [];
    expect(figures.find(({ kind }) => kind === 'call-loss')).toMatchObject({
      direction: 'reverse',
      value: 0.01,
      n: 1000,
    });
  });

  it('gives no MOS for a codec without published values', () => {
    const kindsOf = (codec: string) => {
      const table = new QualityTable(KNOWN);
      table.addBatch('pbx-1', [{ ...MEDIA, codec }], TIMES);
      return table.trunkSheet('pbx-1', 'trunk-a', NOW)?.figures.map(({ kind }) => kind);
    };
    expect(kindsOf('ulaw')).toContain('mos-nb');
    expect(kindsOf('opus')).toEqual(['call-loss']);
  });

  it('counts a call under its edge and class, and once in all of the trunk', () => {
    const table = new QualityTable(KNOWN);
    table.addCall('pbx-1', { ...CALL, edge: 'edge-1', class: 'national', statusCode: 503 }, NOW);
    const rows = table.calls(300_000, NOW);
    expect(rows.map(({ edge, class: name }) => [edge, name])).toEqual([
      [undefined, undefined],
      ['edge-1', 'national'],
    ]);
    expect(rows.map(({ pool }) => pool.isa)).toEqual([
      { hits: 1, of: 1 },
      { hits: 1, of: 1 },
    ]);
  });

  it('takes no memory for trunks that the fleet does not have', () => {
    const table = new QualityTable(KNOWN);
    table.addCall('pbx-1', { ...CALL, trunk: 'trunk-z' }, NOW);
    table.addBatch('pbx-1', [{ ...MEDIA, trunk: 'trunk-z' }], TIMES);
    expect(table.trunkSheet('pbx-1', 'trunk-z', NOW)).toBeUndefined();
    expect(table.calls(3_600_000, NOW)).toEqual([]);
  });
});
