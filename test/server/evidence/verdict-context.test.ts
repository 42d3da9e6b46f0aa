import { describe, expect, it } from 'vitest';
import { MAX_LISTED_PATHS, readContext, verdictContext } from '../../../server/evidence/verdict-context.ts';
import type { PathHealth } from '../../../server/paths/path-health.ts';
import type { PathSight } from '../../../server/paths/path-sight.ts';
import { health, NOW, verdict } from '../routing/judged.ts';

function sight(pbx: string, target: string, sent: number, lost: number, parts: Partial<PathHealth> = {}): PathSight {
  return {
    health: health(pbx, target, lost > 0 ? 'degraded' : 'healthy', parts),
    countsSince: (sinceMs) =>
      sinceMs === NOW - 60_000 ? { sent, lost, lossRuns: lost } : { sent: 0, lost: 0, lossRuns: 0 },
  };
}

const EVIDENCE = [{ pathKey: 'fra-1>a.a1', sent: 59, lost: 7, lowRatio: 0.05, highRatio: 0.2 }];

describe('what stands beside a verdict', () => {
  it("takes the verdict's own counts for its paths, and the same window for the control group", () => {
    const sights = [sight('fra-1', 'a.a1', 60, 6), sight('fra-1', 'b.b1', 60, 0), sight('ams-1', 'c.c1', 30, 1)];
    const context = verdictContext(verdict({ evidence: EVIDENCE }), sights, NOW);
    expect(context.paths.map(({ lost, pathKey, role, sent }) => [pathKey, role, sent, lost])).toEqual([
      ['fra-1>a.a1', 'inside', 59, 7],
      ['fra-1>b.b1', 'control', 60, 0],
      ['ams-1>c.c1', 'control', 30, 1],
    ]);
    expect(context).toMatchObject({
      inside: { paths: 1, sent: 59, lost: 7 },
      outside: { paths: 2, sent: 90, lost: 1 },
    });
    expect(readContext(JSON.parse(JSON.stringify(context)))).toEqual(context);
  });

  it('counts a cleared verdict anew: its own figures are from before', () => {
    const cleared = verdict({ evidence: EVIDENCE, clearedAtMs: NOW });
    expect(verdictContext(cleared, [sight('fra-1', 'a.a1', 60, 0)], NOW).inside).toEqual({
      paths: 1,
      sent: 60,
      lost: 0,
    });
  });

  it('leaves out who has no figures of its own: sick probes, inherited states, paths without a sample (rules 1 and 2)', () => {
    const sights = [
      sight('fra-1', 'b.b1', 60, 0, { isAbstaining: true }),
      sight('ams-1', 'b.b1', 60, 0, { inheritedFrom: ['ams-2'] }),
      sight('ams-1', 'c.c1', 0, 0),
    ];
    expect(verdictContext(verdict(), sights, NOW).paths).toEqual([]);
  });

  it('lists a bounded number of paths, near ones first, and sums them all', () => {
    const far = Array.from({ length: 300 }, (_, at) => sight(`lon-${at}`, 'b.b1', 10, 0));
    const context = verdictContext(
      verdict(),
      [...far, sight('fra-1', 'b.b1', 60, 0), sight('fra-1', 'a.a1', 60, 9)],
      NOW,
    );
    const control = context.paths.filter(({ role }) => role === 'control');
    expect(control).toHaveLength(MAX_LISTED_PATHS);
    expect(control[0]?.pathKey).toBe('fra-1>b.b1');
    expect(context.outside).toEqual({ paths: 301, sent: 3060, lost: 0 });
  });

  it.each([undefined, null, 7, {}, { format: 'trunkward-context-2' }])('of another shape (%j) is not read', (value) => {
    expect(readContext(value)).toBe(undefined);
  });
});
