import { describe, expect, it } from 'vitest';
import { NameQuality } from '../../../../server/paths/quality/name-quality.ts';
import type { ResolutionMeasurement } from '../../../../wire/measurement.ts';

function lookup(edge: string, outcome: ResolutionMeasurement['outcome'], addresses = 0): ResolutionMeasurement {
  return { kind: 'resolution', trunk: 'a', edge, observedAtMs: 0, resolveMs: 12.4, outcome, addresses };
}

describe('NameQuality', () => {
  it('shows how many addresses were last found, and nothing missing', () => {
    const names = new NameQuality();
    names.add(lookup('e1', 'resolved', 3), 1000);
    expect(names.noData()).toEqual([]);
    expect(names.figures()).toMatchObject([
      { kind: 'name-addresses', value: 3, unit: 'count', n: 1, sample: 'look-up', newestAtEpochMs: 1000 },
    ]);
    expect(names.figures()[0]?.notes).toContain('the look-up took 12 ms');
  });

  it('says what the last look-up met, and that the addresses of before are asked on', () => {
    const names = new NameQuality();
    names.add(lookup('e1', 'resolved', 2), 1000);
    names.add(lookup('e1', 'timed-out'), 2000);
    expect(names.noData()).toEqual([
      {
        what: 'name',
        direction: 'none',
        because: 'no name server answered in time (edge e1); the 2 addresses last found are asked on',
        newestAtEpochMs: 2000,
      },
    ]);
    expect(names.figures()).toMatchObject([{ value: 2, newestAtEpochMs: 1000 }]);
    names.add(lookup('e1', 'resolved', 1), 3000);
    expect(names.noData()).toEqual([]);
  });

  it('says of a name that was never found that nothing is asked, without a figure (rule 2)', () => {
    const names = new NameQuality();
    names.add(lookup('e1', 'not-found'), 1000);
    expect(names.figures()).toEqual([]);
    expect(names.noData()[0]?.because).toBe(
      'no server knows an address of it (edge e1); none was found before, so nothing of it is asked',
    );
  });

  it('keeps the edges of a trunk apart', () => {
    const names = new NameQuality();
    names.add(lookup('e1', 'failed'), 1000);
    names.add(lookup('e2', 'resolved', 4), 1000);
    expect(names.noData('e2')).toEqual([]);
    expect(names.noData('e1')).toHaveLength(1);
    expect(names.figures('e1')).toEqual([]);
    expect(names.figures('e2')).toMatchObject([{ value: 4 }]);
  });
});
