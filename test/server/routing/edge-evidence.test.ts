import { describe, expect, it } from 'vitest';
import type { Place, Verdict } from '../../../server/correlate/verdict.ts';
import type { PathHealth } from '../../../server/paths/path-health.ts';
import { lossEstimate } from '../../../server/paths/wilson.ts';
import { edgeEvidence, trunkEvidence } from '../../../server/routing/edge-evidence.ts';
import { health, verdict } from './judged.ts';

const PROVIDER: Place = { kind: 'provider', provider: 'telco-a' };
const PATH: Place = { kind: 'path', pbx: 'fra-1', target: 'a.a1' };
const EDGE: Place = { kind: 'edge', provider: 'telco-a', trunk: 'a', edge: 'a1' };
const SITE: Place = { kind: 'site', site: 'fra' };

const healthy = health('fra-1', 'a.a1', 'healthy');
const lossy = health('fra-1', 'a.a1', 'degraded');
const blocked = health('fra-1', 'a.a1', 'probe-blocked');
const unmeasurable = health('fra-1', 'a.a1', 'unmeasurable');
const slightlyLossy = health('fra-1', 'a.a1', 'healthy', {
  options: lossEstimate({ sent: 60, lost: 4 }, 60_000),
  lostInState: 4,
});
const recovered = health('fra-1', 'a.a1', 'healthy', {
  options: lossEstimate({ sent: 60, lost: 20 }, 60_000),
  lostInState: 0,
});

describe('evidence on one edge', () => {
  it.each<[string, PathHealth | undefined, readonly Verdict[], string]>([
    ['no path measured', undefined, [], 'unknown'],
    ['unknown', health('fra-1', 'a.a1', 'unknown'), [], 'unknown'],
    [
      'Unknown is not bad (safety rule 2): not even under a provider verdict',
      health('fra-1', 'a.a1', 'unknown'),
      [verdict()],
      'unknown',
    ],
    ['abstaining, though hard-down', health('fra-1', 'a.a1', 'hard-down', { isAbstaining: true }), [], 'unknown'],
    ['hard-down is the only ground without a verdict', health('fra-1', 'a.a1', 'hard-down'), [], 'hard-down'],
    ['healthy', healthy, [], 'good'],
    ['lossy without a verdict stays', lossy, [], 'good'],
    ['probe-blocked is no ground', blocked, [], 'good'],
    ['unmeasurable is no ground', unmeasurable, [], 'unknown'],
    ['lossy under a named provider', lossy, [verdict()], 'degraded'],
    ['slightly lossy witness of a named provider', slightlyLossy, [verdict()], 'degraded'],
    ['slightly lossy, but no witness', slightlyLossy, [verdict({ witnesses: ['ams-1', 'lon-1'] })], 'good'],
    ['a witness whose outage is over', recovered, [verdict()], 'good'],
    ['healthy own figures beat a named provider', healthy, [verdict()], 'good'],
    ['lossy under another provider', lossy, [verdict({ place: { kind: 'provider', provider: 'telco-b' } })], 'good'],
    ['lossy under a cleared verdict', lossy, [verdict({ clearedAtMs: 5 })], 'good'],
    ['lossy under a suspicion', lossy, [verdict({ certainty: 'suspect' })], 'good'],
    ['lossy under a site verdict', lossy, [verdict({ place: SITE })], 'good'],
    ['lossy under a line verdict', lossy, [verdict({ place: { kind: 'line', sites: ['ams', 'fra'] } })], 'good'],
    ['lossy under a probe verdict', lossy, [verdict({ place: { kind: 'probe', pbx: 'fra-1' } })], 'good'],
    ['lossy under a host verdict', lossy, [verdict({ place: { kind: 'host', pbx: 'fra-1' } })], 'good'],
    ['lossy, this edge of the provider named', lossy, [verdict({ place: EDGE })], 'degraded'],
    ['healthy own figures beat a named edge', healthy, [verdict({ place: EDGE })], 'good'],
    [
      'lossy, another edge of the provider named',
      health('fra-1', 'a.a2', 'degraded'),
      [verdict({ place: EDGE })],
      'good',
    ],
    [
      'lossy, this edge or this path',
      lossy,
      [verdict({ certainty: 'ambiguous', group: [PATH, EDGE], siteCount: 1 })],
      'degraded',
    ],
    ['lossy under no fault', lossy, [verdict({ place: { kind: 'none' } })], 'good'],
    ['lossy, this path named', lossy, [verdict({ place: PATH, siteCount: 1 })], 'degraded'],
    [
      'lossy, path of another PBX named',
      lossy,
      [verdict({ place: { kind: 'path', pbx: 'ams-1', target: 'a.a1' } })],
      'good',
    ],
    [
      'lossy, path to another target named',
      lossy,
      [verdict({ place: { kind: 'path', pbx: 'fra-1', target: 'a.a2' } })],
      'good',
    ],
    [
      'lossy, provider or this path',
      lossy,
      [verdict({ certainty: 'ambiguous', group: [PROVIDER, PATH], siteCount: 1 })],
      'degraded',
    ],
    ['healthy, provider or this path', healthy, [verdict({ certainty: 'ambiguous', group: [PROVIDER, PATH] })], 'good'],
    [
      'lossy, provider or another path',
      lossy,
      [verdict({ certainty: 'ambiguous', group: [PROVIDER, { kind: 'path', pbx: 'ams-1', target: 'a.a1' }] })],
      'good',
    ],
    ['lossy, provider or site', lossy, [verdict({ certainty: 'ambiguous', group: [PROVIDER, SITE] })], 'good'],
    ['lossy, an empty group', lossy, [verdict({ certainty: 'ambiguous', group: [] })], 'good'],
    ['probe-blocked symptom', lossy, [verdict({ symptom: 'probe-blocked' })], 'good'],
    ['unmeasurable symptom', lossy, [verdict({ symptom: 'unmeasurable' })], 'good'],
    ['cannot see, two sites do', blocked, [verdict({ witnesses: ['ams-1', 'lon-1'] })], 'degraded'],
    ['unmeasurable, two sites see it', unmeasurable, [verdict({ witnesses: ['ams-1', 'lon-1'] })], 'degraded'],
    [
      'One site never condemns a provider (safety rule 3)',
      blocked,
      [verdict({ witnesses: ['ams-1'], siteCount: 1 })],
      'good',
    ],
  ])('%s', (_name, path, verdicts, kind) => {
    expect(edgeEvidence('telco-a', path, verdicts).kind).toBe(kind);
  });

  it('carries the reason with its figures, and the verdict that condemns', () => {
    expect(edgeEvidence('telco-a', lossy, [verdict()])).toEqual({
      kind: 'degraded',
      lossRatio: 0.3,
      verdictId: 'v-1',
      reason: 'a.a1 degraded: telco-a loses 30 %.',
    });
  });
});

describe('evidence on a trunk', () => {
  const good = edgeEvidence('telco-a', healthy, []);
  const doubtful = edgeEvidence('telco-a', lossy, []);
  const unknown = edgeEvidence('telco-a', undefined, []);
  const degraded = edgeEvidence('telco-a', lossy, [verdict()]);
  const down = edgeEvidence('telco-a', health('fra-1', 'a.a1', 'hard-down'), []);

  it.each([
    ['is hard-down only if all its edges are', [down, down], down],
    ['stays up with one good edge', [down, good], good],
    ['prefers a clean edge to a lossy one', [doubtful, good], good],
    ['is unknown, not down, with one unknown edge', [down, unknown], unknown],
    ['is degraded if no edge is better', [down, degraded], degraded],
  ])('%s', (_name, edges, best) => {
    expect(trunkEvidence(edges)).toBe(best);
    expect(trunkEvidence(edges.toReversed())).toBe(best);
  });

  it('is unknown without an edge', () => {
    expect(trunkEvidence([]).kind).toBe('unknown');
  });
});
