import { describe, expect, it } from 'vitest';
import { QualifyLog } from '../../../../server/paths/quality/qualify-log.ts';
import { estimateTail } from '../../../../server/paths/quality/qualify-tail.ts';
import type { QualifyMeasurement } from '../../../../wire/call-measurement.ts';

const MINUTE_MS = 60_000;
const BASE = { kind: 'qualify', trunk: 'a', observedAtMs: 0, frequencyS: 15, timeoutS: 3 } as const;
const UNREACHABLE: QualifyMeasurement = { ...BASE, status: 'unreachable' };
const REACHABLE: QualifyMeasurement = { ...BASE, status: 'reachable', rttMs: 20 };

function logOf(...words: readonly (readonly [number, QualifyMeasurement])[]) {
  const log = new QualifyLog();
  for (const [atMs, measurement] of words) log.add(measurement, atMs);
  return log.samples(Number.NEGATIVE_INFINITY).map(({ rttMs }) => rttMs);
}

describe('QualifyLog', () => {
  it('an outage counts one missed sample for each qualify that was due in it', () => {
    const words = [0, 1, 2, 3].map((minute) => [minute * MINUTE_MS, UNREACHABLE] as const);
    expect(logOf(...words)).toHaveLength(1 + 3 * 4);
  });

  it('a long outage reads as the loss it was, not as a single miss', () => {
    const log = new QualifyLog();
    for (let sample = 0; sample < 80; sample += 1) log.add(REACHABLE, sample * 15_000);
    for (let minute = 20; minute <= 40; minute += 1) log.add(UNREACHABLE, minute * MINUTE_MS);
    const estimate = estimateTail(log.samples(0));
    expect(estimate.ok && estimate.missRatio).toBeGreaterThan(0.7);
  });

  it('the qualify that is answered again is not among the missed ones', () => {
    expect(logOf([0, UNREACHABLE], [15_000, REACHABLE])).toEqual([undefined, 20]);
    expect(logOf([0, UNREACHABLE], [45_000, REACHABLE])).toEqual([undefined, undefined, undefined, 20]);
  });

  it('silence of the probe is not loss: a gap in its words is not filled (rule 2)', () => {
    expect(logOf([0, UNREACHABLE], [30 * MINUTE_MS, UNREACHABLE])).toHaveLength(1);
    expect(logOf([0, UNREACHABLE], [30 * MINUTE_MS, UNREACHABLE], [31 * MINUTE_MS, UNREACHABLE])).toHaveLength(5);
    expect(logOf([0, UNREACHABLE], [30 * MINUTE_MS, REACHABLE])).toEqual([undefined, 20]);
  });

  it('fills nothing where qualify is off', () => {
    const off = { ...UNREACHABLE, frequencyS: 0 };
    expect(logOf([0, off], [MINUTE_MS, off])).toHaveLength(1);
  });
});
