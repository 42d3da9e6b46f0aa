import { describe, expect, it } from 'vitest';
import type { PathHealth } from '../../../../../server/paths/path-health.ts';
import { pathFigures } from '../../../../../server/paths/quality/figures/path-figures.ts';

const NOW = 10 * 3_600_000;
const LOSS = { sent: 20, lost: 1, lossRatio: 0.05, lowRatio: 0.01, highRatio: 0.24, windowMs: 60_000 };
const RTT = { n: 19, p50Ms: 12, p95Ms: 15, p99Ms: 40, windowMs: 60_000 };
const HEALTH: PathHealth = {
  ref: {
    key: 'fra-1>a.a1',
    pbx: 'fra-1',
    site: 'fra',
    target: 'a.a1',
    end: { kind: 'trunk', provider: 'p', trunk: 'a', edge: 'a1' },
  },
  state: 'healthy',
  sinceMs: NOW - 60_000,
  samplesInState: 20,
  lostInState: 1,
  reason: 'answers',
  options: LOSS,
  rtt: RTT,
  icmp: undefined,
  consecutiveMisses: 0,
  missesNeeded: 3,
  lastAnsweredAtMs: NOW,
  lastSampleAtMs: NOW,
  lastStatusCode: 200,
  isAbstaining: false,
};

describe('pathFigures', () => {
  it('gives loss with its interval and round trip with its quantiles, as health holds them', () => {
    const [loss, rtt, ...more] = pathFigures(HEALTH);
    expect(loss).toMatchObject({ kind: 'sip-loss', value: 0.05, low: 0.01, high: 0.24, n: 20, newestAtEpochMs: NOW });
    expect(rtt).toMatchObject({
      kind: 'sip-rtt',
      value: 12,
      n: 19,
      notes: ['95 of 100 under 15.0 ms, 99 under 40.0 ms'],
    });
    expect(more).toEqual([]);
  });

  it('a figure without samples is not there (rule 2)', () => {
    const none = { ...LOSS, sent: 0, lost: 0 };
    expect(pathFigures({ ...HEALTH, options: none, rtt: undefined, icmp: none })).toEqual([]);
  });

  it('says that ICMP is never trusted alone', () => {
    const icmp = pathFigures({ ...HEALTH, icmp: LOSS }).find(({ kind }) => kind === 'icmp-loss');
    expect(icmp?.notes).toContain('edges limit the rate of echoes: never trusted alone');
  });

  it('says that a path is inherited, and that its probe was sick (rule 1)', () => {
    const [loss] = pathFigures({ ...HEALTH, inheritedFrom: ['fra-2', 'fra-3'], isAbstaining: true });
    expect(loss?.notes).toEqual([
      'inherited from fra-2, fra-3: this PBX does not ask by itself',
      "the probe's instrument was sick: this path takes no part in verdicts",
    ]);
  });
});
