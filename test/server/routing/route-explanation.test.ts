import { describe, expect, it } from 'vitest';
import { plan } from '../../../server/routing/planner.ts';
import { EMPTY_PLANNER } from '../../../server/routing/planner-memory.ts';
import { explainRoute } from '../../../server/routing/route-explanation.ts';
import type { RouteInput } from '../../../server/routing/route-input.ts';
import { NOW, pbxInput, routeInput, verdict } from './judged.ts';
import { reader, series } from './made-calls.ts';

const FRA = pbxInput('fra-1');
const WELL = { a: 'healthy', b: 'healthy', c: 'healthy' } as const;

function explained(input: RouteInput) {
  const [route] = plan(EMPTY_PLANNER, input, NOW).routes;
  if (!route) throw new Error('nothing was planned');
  return explainRoute(route);
}

describe('explanation of a route', () => {
  it('says of each trunk why it leads, or why not', () => {
    const states = { ...WELL, a: 'hard-down', c: 'unknown' } as const;
    const { trunks, reason } = explained(routeInput([FRA], states));
    expect(reason).toBe('b leads: a is hard-down.');
    expect(
      trunks.map(({ configuredPlace, place, shareRatio, tier, trunk }) => [
        trunk,
        place,
        configuredPlace,
        shareRatio,
        tier,
      ]),
    ).toEqual([
      ['b', 1, 2, 1, 'usable'],
      ['c', 2, 3, 0, 'unknown'],
      ['a', 3, 1, 0, 'hard-down'],
    ]);
    expect(trunks.map(({ why }) => why)).toEqual([
      'b leads: a is hard-down.',
      'unknown is neither bad nor good, so it keeps its place: c.c1 unknown: figures of c.c1.',
      'not while another can take the calls: it is hard-down, a.a1 hard-down: figures of a.a1.',
    ]);
  });

  it('names score and what lowers it, with the verdict behind it', () => {
    const input = routeInput(
      [FRA],
      { ...WELL, a: 'degraded' },
      { verdicts: [verdict()], calls: reader({ a: series(4, NOW, () => true) }) },
    );
    const a = explained(input).trunks.find(({ trunk }) => trunk === 'a');
    expect(a).toMatchObject({ score: 0.49, factors: [{ of: 'ner', factor: 0.49 }], verdictId: 'v-1' });
  });

  it('a sound trunk stands by for its place in the configuration alone, and that is said', () => {
    const { trunks } = explained(routeInput([FRA], WELL));
    expect(trunks[1]?.why).toBe(
      'stands by: the configuration puts it after a, and no figure makes up for that; b.b1 healthy: figures of b.b1.',
    );
    expect(trunks[2]?.why).toContain('puts it after b');
  });
});
