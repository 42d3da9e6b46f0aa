import { describe, expect, it } from 'vitest';
import { closeMinute, type RollupState } from '../../server/path-rollups.ts';
import type { PathHealth } from '../../server/paths/path-health.ts';
import type { PathSight } from '../../server/paths/path-sight.ts';

const MINUTE_MS = 60_000;
const QUARTER_MS = 900_000;
const NOTHING = { sent: 0, lost: 0, lossRuns: 0 };

/** A path with counts in the minute that begins at `startMs`, and none after it. */
function sight(state: PathHealth['state'], sent: number, lost: number, p50Ms = 20, startMs = 0): PathSight {
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
    countsSince: (sinceMs) => (sinceMs > startMs ? NOTHING : { sent, lost, lossRuns: lost > 0 ? 1 : 0 }),
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

  it('keeps every minute of a path that is watched, for a verdict or as its control group', () => {
    const watched = new Set(['fra-1>a.a1']);
    expect(closeMinute(new Map(), [sight('healthy', 60, 0)], 0, watched).rollups).toMatchObject([
      { sent: 60, lost: 0 },
    ]);
    expect(closeMinute(new Map(), [sight('healthy', 60, 0)], 0, new Set(['fra-1>b.b1'])).rollups).toEqual([]);
  });

  it('counts nothing of the minute after it, though it is closed within that one', () => {
    const counts = (sinceMs: number) =>
      sinceMs < MINUTE_MS ? { sent: 65, lost: 4, lossRuns: 4 } : { sent: 5, lost: 1, lossRuns: 1 };
    const rollups = closeMinute(new Map(), [{ ...sight('degraded', 0, 0), countsSince: counts }], 0).rollups;
    expect(rollups).toMatchObject([{ sent: 60, lost: 3 }]);
  });

  it('keeps nothing of a minute without a sample: unknown is not zero (rule 2)', () => {
    expect(closeMinute(new Map(), [sight('unknown', 0, 0)], 0).rollups).toEqual([]);
  });

  it('sums every path over a quarter of an hour, on the quarter', () => {
    let state: RollupState = new Map();
    const rollups = [];
    for (let minute = 0; minute < 30; minute++) {
      const startMs = QUARTER_MS + minute * MINUTE_MS;
      const step = closeMinute(state, [sight('healthy', 60, 0, minute, startMs)], startMs);
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
