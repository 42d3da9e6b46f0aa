import { describe, expect, it } from 'vitest';
import { livePath, liveRoute, liveVerdict } from '../../../server/live/live-picture.ts';
import { lossEstimate } from '../../../server/paths/wilson.ts';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import { health, NOW, pbxInput, routeInput, verdict } from '../routing/judged.ts';

describe('a path as a view shows it', () => {
  it('carries its figures with their n, window and interval (rule 1)', () => {
    const shown = livePath(
      health('fra-1', 'a.a1', 'degraded', {
        options: lossEstimate({ sent: 60, lost: 6 }, 60_000),
        icmp: lossEstimate({ sent: 30, lost: 1 }, 60_000),
        rtt: { n: 54, p50Ms: 12.34567, p95Ms: 20.00049, p99Ms: 30, windowMs: 60_000 },
      }),
    );
    expect(shown).toMatchObject({
      key: 'fra-1>a.a1',
      provider: 'telco-a',
      trunk: 'a',
      edge: 'a1',
      state: 'degraded',
      sent: 60,
      lost: 6,
      windowMs: 60_000,
      rttP50Ms: 12.346,
      rttP95Ms: 20,
      rttN: 54,
      icmpSent: 30,
      icmpLost: 1,
      lastSampleAtEpochMs: NOW,
    });
    expect(shown.lossLowRatio).toBeLessThan(0.1);
    expect(shown.lossHighRatio).toBeGreaterThan(0.1);
  });

  it('makes up nothing where nothing was measured (rule 2)', () => {
    const shown = livePath(
      health('fra-1', 'a.a1', 'unknown', { lastSampleAtMs: undefined, lastAnsweredAtMs: undefined }),
    );
    expect(Object.keys(shown)).not.toContain('rttP50Ms');
    expect(Object.keys(shown)).not.toContain('lastSampleAtEpochMs');
    expect(shown).toMatchObject({ rttN: 0, icmpSent: 0, icmpLost: 0 });
  });

  it('says that its instrument was sick, and only then', () => {
    expect(livePath(health('fra-1', 'a.a1', 'unknown', { isAbstaining: true })).isAbstaining).toBe(true);
    expect('isAbstaining' in livePath(health('fra-1', 'a.a1', 'healthy'))).toBe(false);
  });

  it('to a peer names the peer and no provider', () => {
    const base = health('fra-1', 'peer.ams-1', 'healthy');
    const shown = livePath({ ...base, ref: { ...base.ref, end: { kind: 'peer', pbx: 'ams-1', site: 'ams' } } });
    expect(shown.peer).toBe('ams-1');
    expect('provider' in shown).toBe(false);
  });
});

describe('a verdict as a view shows it', () => {
  it('names places in words and keeps the counts and what would tell them apart', () => {
    const evidence = [{ pathKey: 'fra-1>a.a1', sent: 60, lost: 20, lowRatio: 0.2, highRatio: 0.5 }];
    const shown = liveVerdict(
      verdict({
        certainty: 'ambiguous',
        group: [
          { kind: 'site', site: 'fra' },
          { kind: 'provider', provider: 'telco-a' },
        ],
        evidence,
        wouldSplit: 'a second PBX at site fra',
        clearedAtMs: NOW + 1,
      }),
    );
    expect(shown).toMatchObject({
      place: 'provider telco-a',
      group: ['site fra', 'provider telco-a'],
      runnerUp: { place: 'site fra', posterior: 0.009 },
      evidence,
      windowMs: 60_000,
      wouldSplit: 'a second PBX at site fra',
      clearedAtEpochMs: NOW + 1,
    });
  });

  it('says since when, how often it reopened, of what it is a part, and what it costs in figures and words', () => {
    const calls = {
      attempted: 9,
      answered: 5,
      failed: 4,
      failedBy: [{ by: '503', calls: 4 }],
      givenUp: 0,
      short: 1,
      unknown: 0,
    };
    const cost = { fromMs: NOW - 9, pbxes: 2, sites: 1, classes: [], calls, blindPbxes: [] };
    const life = {
      sinceMs: NOW - 8,
      sinceLowMs: NOW - 9,
      sinceHighMs: NOW - 7,
      reopenedAtMs: [1, 2],
      mergedInto: 'v-2',
    };
    const shown = liveVerdict(verdict({ ...life, cost }));
    expect(shown).toMatchObject({
      sinceEpochMs: NOW - 8,
      sinceLowEpochMs: NOW - 9,
      sinceHighEpochMs: NOW - 7,
      reopenings: 2,
      mergedInto: 'v-2',
      cost: { fromEpochMs: NOW - 9, pbxes: 2, calls },
    });
    expect(shown.cost?.sentence).toContain('Of 9 calls that ended there meanwhile 4 failed (4 by 503)');
  });

  it('leaves out what there is not', () => {
    const shown = liveVerdict(verdict({ runnerUp: undefined }));
    for (const key of ['runnerUp', 'clearedAtEpochMs', 'wouldSplit', 'sinceEpochMs', 'cost', 'mergedInto'])
      expect(Object.keys(shown)).not.toContain(key);
  });
});

describe('a route as a view shows it', () => {
  const [route] = plan(
    EMPTY_PLANNER,
    routeInput([pbxInput('fra-1')], { a: 'healthy', b: 'healthy', c: 'unknown' }),
    NOW,
  ).routes;
  if (!route) throw new Error('no route was planned');

  it('says of each trunk why it stands where it stands', () => {
    const shown = liveRoute(route, { fence: 3, readBack: undefined, downMarks: [], changedAtMs: 9 });
    expect(shown.trunks.map(({ trunk }) => trunk)).toEqual(shown.planned.map(({ trunk }) => trunk));
    expect(shown.trunks.every(({ tier, reason }) => tier !== '' && reason !== '')).toBe(true);
    expect(shown).toMatchObject({ fence: 3, changedAtEpochMs: 9, configured: ['a', 'b', 'c'] });
  });

  it.each([
    [true, true],
    [false, false],
    [undefined, false],
  ])('with AstDB holding it: %s, is applied: %s (rule 2)', (isInAsterisk, isApplied) => {
    const shown = liveRoute(
      { ...route, isInAsterisk },
      { fence: 3, readBack: '2:3.1:a/1', downMarks: [], changedAtMs: 9 },
    );
    expect(shown.isApplied).toBe(isApplied);
    expect(shown.readBack).toBe('2:3.1:a/1');
  });
});
