import { describe, expect, it } from 'vitest';
import type { HealthState } from '../../../server/paths/path-health.ts';
import { lossEstimate } from '../../../server/paths/wilson.ts';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import { ROUTE_POLICY } from '../../../server/routing/route-policy.ts';
import { health, NOW, names, pbxInput, verdict } from './judged.ts';

const SITE = verdict({
  place: { kind: 'site', site: 'fra' },
  witnesses: ['fra-1', 'ams-1'],
  sentence: 'Site fra loses 30 %.',
});

/** Trunks a, b by the site's own way out and c by another one, on a PBX of each of two sites. */
function planned(states: Readonly<Record<string, HealthState>>, exitOfC: string | undefined, verdicts = [SITE]) {
  const pbxes = ['fra-1', 'ams-1'].map((pbx) => {
    const input = pbxInput(pbx);
    const trunks = input.trunks.map((each) =>
      each.trunk === 'c' && exitOfC !== undefined ? { ...each, exit: exitOfC } : each,
    );
    return { ...input, trunks };
  });
  const lossy = { options: lossEstimate({ sent: 60, lost: 18 }, 60_000), lostInState: 18 };
  const healths = pbxes.flatMap(({ pbx }) =>
    ['a', 'b', 'c'].map((trunk) => {
      const state = pbx === 'fra-1' ? (states[trunk] ?? 'healthy') : 'healthy';
      return health(pbx, `${trunk}.${trunk}1`, state, state === 'degraded' ? lossy : {});
    }),
  );
  const input = {
    pbxes,
    healths: new Map(healths.map((each) => [each.ref.key, each])),
    verdicts,
    policy: ROUTE_POLICY,
  };
  return plan(EMPTY_PLANNER, input, NOW);
}

const LOSSY = { a: 'degraded', b: 'degraded', c: 'healthy' } as const;

describe('a verdict on a site', () => {
  it('moves the calls of that site to a trunk by another way out, and says why (rule 7)', () => {
    const { flips, routes } = planned(LOSSY, 'backup-line');
    expect(routes.map(({ trunks }) => names(trunks))).toEqual(['c a b', 'a b c']);
    expect(flips).toHaveLength(1);
    expect(flips[0]?.sentence).toContain('leaves by the way out of fra: Site fra loses 30 %');
    expect(flips[0]?.verdictId).toBe('v-1');
  });

  it('never demotes a provider at another site (rule 3)', () => {
    const { routes } = planned(LOSSY, 'backup-line');
    expect(routes[1]?.perTrunk.every(({ tier }) => tier === 'usable')).toBe(true);
    expect(routes[1]?.isChanged).toBe(false);
  });

  it.each([
    ['no trunk leaves by another way out', LOSSY, undefined, [SITE]],
    ['the other way out is lossy too', { ...LOSSY, c: 'degraded' }, 'backup-line', [SITE]],
    ['nothing is known of the other way out (rule 2)', { ...LOSSY, c: 'unknown' }, 'backup-line', [SITE]],
    ['this PBX itself sees no loss', { a: 'healthy', b: 'healthy', c: 'healthy' }, 'backup-line', [SITE]],
    ['it is only a suspicion', LOSSY, 'backup-line', [verdict({ ...SITE, certainty: 'suspect' })]],
    ['it is on another site', LOSSY, 'backup-line', [verdict({ ...SITE, place: { kind: 'site', site: 'lon' } })]],
  ] as const)('moves nothing where %s', (_why, states, exit, verdicts) => {
    const { flips, routes } = planned(states, exit, [...verdicts]);
    expect(flips).toEqual([]);
    expect(routes.map(({ trunks }) => names(trunks))).toEqual(['a b c', 'a b c']);
  });
});
