import { describe, expect, it } from 'vitest';
import type { CallEnded } from '../../../../server/paths/quality/ended-call.ts';
import { QualityTable } from '../../../../server/paths/quality/quality-table.ts';
import type { Measurement } from '../../../../wire/measurement.ts';
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
const TIMES = { batchSentAtMs: 1000, nowMs: NOW, isSick: false };
const MESH: Measurement = {
  kind: 'rtp-mesh',
  target: 'peer.pbx-2',
  session: 'session-0001',
  direction: 'forward',
  sequence: 0,
  startedAtMs: 0,
  intervalMs: 1000,
  packetMs: 20,
  payloadBytes: 160,
  figures: {
    expected: 50,
    received: 40,
    lost: 10,
    duplicates: 0,
    reordered: 0,
    lossRuns: [10, 0, 0, 0, 0, 0, 0, 0],
    jitterMs: 1,
    delayVariation: { p50Ms: 1, p95Ms: 7, p99Ms: 9, maxMs: 12 },
  },
};
const QUALIFY: Measurement = {
  kind: 'qualify',
  trunk: 'trunk-a',
  observedAtMs: 1000,
  status: 'unreachable',
  frequencyS: 60,
  timeoutS: 3,
};

function addAll(table: QualityTable, pbx: string, measurements: readonly Measurement[], ground: typeof TIMES): void {
  for (const measurement of measurements) table.add(pbx, measurement, ground);
}

describe('QualityTable', () => {
  it('pools the packets of calls, not their ratios', () => {
    const table = new QualityTable(KNOWN);
    addAll(table, 'pbx-1', [MEDIA, { ...MEDIA, leg: 2, expected: 100, lost: 10 }], TIMES);
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
      addAll(table, 'pbx-1', [{ ...MEDIA, codec }], TIMES);
      return table.trunkSheet('pbx-1', 'trunk-a', NOW)?.figures.map(({ kind }) => kind);
    };
    expect(kindsOf('ulaw')).toContain('mos-nb');
    expect(kindsOf('opus')).toEqual(['call-loss']);
  });

  it('counts a call that ended while the probe was sick, and takes it for no evidence of loss (safety rule 1)', () => {
    const table = new QualityTable(KNOWN);
    table.addCall('pbx-1', { ...CALL, statusCode: 503 }, { atMs: NOW, isSick: true });
    expect(table.calls(300_000, NOW)[0]?.pool.isa).toEqual({ hits: 1, of: 1 });
    expect(table.callLosses('pbx-1>trunk-a', NOW - 60_000)).toEqual([]);
    table.addCall('pbx-1', { ...CALL, statusCode: 503 }, { atMs: NOW, isSick: false });
    expect(table.callLosses('pbx-1>trunk-a', NOW - 60_000)[0]?.counts.lost).toBe(1);
  });

  it('counts a call under its edge and class, and once in all of the trunk', () => {
    const table = new QualityTable(KNOWN);
    table.addCall(
      'pbx-1',
      { ...CALL, edge: 'edge-1', class: 'national', statusCode: 503 },
      { atMs: NOW, isSick: false },
    );
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

  it('a sick probe abstains: what it says of loss is left out as a whole, and the figures say so (rule 1)', () => {
    const table = new QualityTable(KNOWN);
    const sick = { ...TIMES, isSick: true };
    addAll(table, 'pbx-1', [MESH, { ...MEDIA, lost: 450 }, QUALIFY], sick);
    expect(table.pathFigures('pbx-1>peer.pbx-2', NOW)).toEqual([]);
    expect(table.trunkSheet('pbx-1', 'trunk-a', NOW)?.figures).toEqual([]);
    expect(table.counts('pbx-1>trunk-a', 'reverse', NOW - 300_000)).toBeUndefined();

    addAll(table, 'pbx-1', [MESH, MEDIA], TIMES);
    const note = "reports left out: the probe's instrument was sick";
    const mesh = table.pathFigures('pbx-1>peer.pbx-2', NOW).find(({ kind }) => kind === 'mesh-loss');
    expect(mesh?.notes).toContain(`1 ${note}`);
    const calls = table.trunkSheet('pbx-1', 'trunk-a', NOW)?.figures.find(({ kind }) => kind === 'call-loss');
    expect(calls).toMatchObject({ value: 0, n: 900 });
    expect(calls?.notes).toContain(`2 ${note}`);
  });

  it('a sick probe still tells states: registrations, certificates', () => {
    const table = new QualityTable(KNOWN);
    const state = { kind: 'registration', trunk: 'trunk-a', observedAtMs: 1000, state: 'registered' } as const;
    addAll(table, 'pbx-1', [state], { ...TIMES, isSick: true });
    expect(table.trunkSheet('pbx-1', 'trunk-a', NOW)?.figures.map(({ kind }) => kind)).toEqual(['registration']);
    expect(table.trunkStates()).toEqual([{ trunk: 'trunk-a', registeredPbxes: 1 }]);
  });

  it('gives counts of packets by direction: of the mesh to a peer, of calls at a trunk over all codecs', () => {
    const table = new QualityTable(KNOWN);
    const sent = { ...MEDIA, direction: 'sent', expected: 500, lost: 5 } as const;
    addAll(table, 'pbx-1', [MESH, { ...MEDIA, codec: 'ulaw' }, { ...MEDIA, codec: 'opus', lost: 9 }, sent], TIMES);
    const since = NOW - 300_000;
    expect(table.counts('pbx-1>peer.pbx-2', 'forward', since)).toMatchObject({ sent: 50, lost: 10, intervals: 1 });
    expect(table.counts('pbx-1>peer.pbx-2', 'reverse', since)).toBeUndefined();
    expect(table.counts('pbx-1>trunk-a', 'reverse', since)).toMatchObject({ sent: 1800, lost: 9, intervals: 2 });
    expect(table.counts('pbx-1>trunk-a', 'forward', since)).toMatchObject({ sent: 500, lost: 5, lostSquares: 0.05 });
  });

  it('shows the delay variation of the last report of a mesh stream, also without a round trip', () => {
    const table = new QualityTable(KNOWN);
    addAll(table, 'pbx-1', [MESH], TIMES);
    const figures = table.pathFigures('pbx-1>peer.pbx-2', NOW);
    expect(figures.find(({ kind }) => kind === 'mesh-delay-variation')).toMatchObject({ value: 7, n: 40 });
  });

  it('pools the calls and packets of the whole fleet at a trunk', () => {
    const table = new QualityTable(KNOWN);
    table.addCall('pbx-1', { ...CALL, statusCode: 503, causeCode: 34 }, { atMs: NOW, isSick: false });
    table.addCall('pbx-2', { ...CALL, answeredAtEpochMs: NOW - 20_000, causeCode: 16 }, { atMs: NOW, isSick: false });
    addAll(table, 'pbx-1', [MEDIA], TIMES);
    addAll(table, 'pbx-2', [{ ...MEDIA, expected: 100, lost: 10 }], TIMES);
    const [all] = table.calls(300_000, NOW, 'trunk');
    expect(all).toMatchObject({ pbx: '*', trunk: 'trunk-a', pool: { asr: { hits: 1, of: 2 } } });
    expect(all?.pool.causes).toEqual([
      { causeCode: 16, calls: 1 },
      { causeCode: 34, calls: 1 },
    ]);
    expect(table.calls(300_000, NOW).map(({ pbx }) => pbx)).not.toContain('*');
    const loss = table.trunkSheet('*', 'trunk-a', NOW)?.figures.find(({ kind }) => kind === 'call-loss');
    expect(loss).toMatchObject({ value: 0.01, n: 1000 });
  });

  it('takes no memory for trunks that the fleet does not have', () => {
    const table = new QualityTable(KNOWN);
    table.addCall('pbx-1', { ...CALL, trunk: 'trunk-z' }, { atMs: NOW, isSick: false });
    addAll(table, 'pbx-1', [{ ...MEDIA, trunk: 'trunk-z' }], TIMES);
    expect(table.trunkSheet('pbx-1', 'trunk-z', NOW)).toBeUndefined();
    expect(table.calls(3_600_000, NOW)).toEqual([]);
  });
});
