import type { AssignPbx } from '../../../server/assign/asked-edge.ts';
import type { AssignInput, AssignPolicy } from '../../../server/assign/assignment-plan.ts';
import type { EdgeBudget } from '../../../server/assign/edge-budget.ts';

/** Numbers from 0 to below 1 that depend on the seed alone. */
export function seeded(seed: number): () => number {
  let word = (seed * 2_654_435_761) >>> 0;
  return () => {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    return word / 2 ** 32;
  };
}

/** A fleet with its policy. */
export type TestFleet = { readonly policy: AssignPolicy; readonly input: AssignInput };

/** What a provider of a test allows unless it says otherwise. */
export const DEFAULT_BUDGET: EdgeBudget = {
  attemptsPerMinute: 6,
  confirmPerMinute: 12,
  witnessesPerSite: 3,
  fastestIntervalMs: 1000,
};

/** So many PBXs on so many sites that all declare the same edges, one for each budget, of a provider each. */
export function fleetOf(options: {
  readonly pbxCount: number;
  readonly siteCount: number;
  readonly budgets?: readonly EdgeBudget[];
  readonly qualifyPerMinute?: (pbx: string, trunk: string) => number;
  readonly condition?: (pbx: string) => AssignPbx['condition'];
  readonly declares?: (pbx: string, trunk: string) => boolean;
}): TestFleet {
  const budgets = options.budgets ?? [DEFAULT_BUDGET, DEFAULT_BUDGET];
  const trunks = budgets.map((_, at) => `t${at}`);
  const pbxes = Array.from({ length: options.pbxCount }, (_, at): AssignPbx => {
    const pbx = `pbx-${at}`;
    return {
      pbx,
      site: `site-${at % options.siteCount}`,
      condition: options.condition?.(pbx) ?? 'able',
      testCallTargets: [],
      meshPeers: [],
      targets: trunks
        .filter((trunk) => options.declares?.(pbx, trunk) ?? true)
        .map((trunk) => ({ target: `${trunk}.e`, kind: 'trunk', trunk, edge: 'e' })),
    };
  });
  const qualify = pbxes.flatMap(({ pbx }) =>
    trunks.map((trunk): readonly [string, number] => [
      `${trunk}.e ${pbx}`,
      options.qualifyPerMinute?.(pbx, trunk) ?? 0,
    ]),
  );
  return {
    policy: {
      providers: new Map(
        trunks.map((trunk, at) => [trunk, { provider: `p${at}`, budget: budgets[at] ?? DEFAULT_BUDGET }]),
      ),
      testCalls: new Map(),
      siteOf: new Map(pbxes.map(({ pbx, site }) => [pbx, site])),
    },
    input: { pbxes, qualifyPerMinute: new Map(qualify) },
  };
}
