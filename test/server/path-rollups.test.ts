import { describe, expect, it } from 'vitest';
import { closeMinute, type RollupState } from '../../server/path-rollups.ts';
import type { PathHealth } from '../../server/paths/path-health.ts';
import type { PathSight } from '../../server/paths/path-table.ts';

const MINUTE_MS = 60_000;
const QUARTER_MS = 900_000;

function sight(state: PathHealth['state'], sent: number, lost: number, p50Ms = 20): PathSight {
  const estimate = { sent, lost, lossRatio: 0, lowRatio: 0, highRatio: 1, windowMs: MINUTE_MS };
  return {
    health: {
      ref: { key: 'fra-1>a.a1', pbx: 'fra-1', site: 'fra', target: 'a.a1', end: { kind: 'peer', pbx: 'x', site: 'y' } },
      state,
      sinceMs: 0,
      reason: '',
      options: estimate,
      rtt: { n: sent - lost, p50Ms, p95Ms: p50Ms * 2, p99Ms: p50Ms * 3, windowMs: MINUTE_MS },
      icmp: undefined,
      consecutiveMisses: 0,
      missesNeeded: 3,
      lastAnsweredAtMs: undefined,
      lastSampleAtMs: undefined,
      lastStatusCode: undefined,
      isAbstaining: false,
      samplesInState: 0,
      lostInState: 0,
    },
    countsSince: () => ({ sent, lost, lossRuns: lost > 0 ? 1 : 0 }),
  };
}

describe('path rollups', () => {
  it('keeps a minute of a path that is not healthy or lost something, and of no other', () => {
    const empty: RollupState = new Map();
    expect(closeMinute(empty, [sight('healthy', 60, 0)], 0).rollups).toEqual([]);
    expect(closeMinute(empty, [sight('healthy', 60, 1)], 0).rollups).toHaveLength(1);
    expect(closeMinute(empty, [sight('degraded', 60, 0)], 0).rollups).toMatchObject([
      { pathKey: 'fra-1>a.a1', startEpochMs: 0, lengthMs: MINUTE_MS, sent: 60, lost: 0, rttP50Ms: 20, rttP95Ms: 40 },
    ]);
  });

  it('keeps nothing of a minute without a sample: unknown is not zero (rule 2)', () => {
    expect(closeMinute(new Map(), [sight('unknown', 0, 0)], 0).rollups).toEqual([]);
  });

  it('sums every path over a quarter of an hour, on the quarter', () => {
    let state: RollupState = new Map();
    const rollups = [];
    for (let minute = 0; minute < 30; minute++) {
      const step = closeMinute(state, [sight('healthy', 60, 0, minute)], QUARTER_MS + minute * MINUTE_MS);
      state = step.state;
      rollups.push(...step.rollups);
    }
    expect(rollups).toEqual([
      {
        pathKey: 'fra-1>a.a1',
        startEpochMs: QUARTER_MS,
        lengthMs: QUARTER_MS,
        sent: 900,
        lost: 0,
        rttP50Ms: 7,
        rttP95Ms: 28,
      },
      {
        pathKey: 'fra-1>a.a1',
        startEpochMs: 2 * QUARTER_MS,
        lengthMs: QUARTER_MS,
        sent: 900,
        lost: 0,
        rttP50Ms: 22,
        rttP95Ms: 58,
      },
    ]);
    expect(state.size).toBe(0);
  });
});
