import { describe, expect, it } from 'vitest';
import { LineQuality } from '../../../../server/paths/quality/line-quality.ts';
import type { LineMeasurement } from '../../../../wire/host-measurement.ts';

const MEASURED: LineMeasurement = {
  kind: 'line',
  target: 'peer.ams-1',
  direction: 'forward',
  startedAtMs: 0,
  durationMs: 5000,
  bytes: 1_200_000,
  steadyBytes: 500_000,
  steadyMs: 2000,
  capKbps: 50_000,
  isLineBound: true,
  outcome: 'measured',
};

describe('LineQuality', () => {
  it('tells the rate past slow start, with what it stands on', () => {
    const quality = new LineQuality();
    quality.add(MEASURED, 1000);
    expect(quality.figures()).toEqual([
      {
        kind: 'line-rate',
        direction: 'forward',
        value: 2_000_000,
        unit: 'bits-per-second',
        n: 500_000,
        sample: 'byte',
        windowMs: 2000,
        newestAtEpochMs: 1000,
        source: "one bounded TCP transfer, by the receiver's clock",
        notes: [
          'past slow start; 1.2 MB in 5.0 s in all',
          'no interval: one transfer of one connection, which loss on the way makes slower than the line is',
        ],
      },
    ]);
    expect(quality.noData()).toEqual([]);
  });

  it('tells the whole, and that slow start is in it, where the transfer was too short', () => {
    const quality = new LineQuality();
    const { steadyBytes: _bytes, steadyMs: _ms, ...short } = MEASURED;
    quality.add({ ...short, durationMs: 60, bytes: 30_000 }, 1000);
    const [figure] = quality.figures();
    expect(figure).toMatchObject({ value: 4_000_000, n: 30_000, windowMs: 60 });
    expect(figure?.notes[0]).toContain('slow start is in it');
  });

  it('says where the rate is that of the probes and not of the line', () => {
    const quality = new LineQuality();
    quality.add({ ...MEASURED, isLineBound: false }, 1000);
    expect(quality.figures()[0]?.notes).toContain(
      'the line took all that was sent and carries at least this (the files of the probes allow 50000 kbit/s)',
    );
  });

  it('keeps the last rate when the line is not measured again, and says why', () => {
    const quality = new LineQuality();
    quality.add(MEASURED, 1000);
    quality.add({ ...MEASURED, outcome: 'yielded', because: 'live-calls', bytes: 0, durationMs: 0 }, 2000);
    expect(quality.figures()).toMatchObject([{ value: 2_000_000, newestAtEpochMs: 1000 }]);
    expect(quality.figures()[0]?.notes).toContain('not measured again since: live calls have the line');
  });

  it('draws no figure of a line that was never measured, and says why (rule 2)', () => {
    const quality = new LineQuality();
    quality.add({ ...MEASURED, direction: 'reverse', outcome: 'refused', because: 'no-connection', bytes: 0 }, 2000);
    expect(quality.figures()).toEqual([]);
    expect(quality.noData()).toMatchObject([{ what: 'line', direction: 'reverse', newestAtEpochMs: 2000 }]);
    quality.add({ ...MEASURED, direction: 'reverse', durationMs: 0, steadyMs: 0 }, 3000);
    expect([quality.figures(), quality.noData()]).toEqual([[], []]);
  });
});
