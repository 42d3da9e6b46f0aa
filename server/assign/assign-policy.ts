import type { HubConfig } from '../config-schema.ts';
import type { AssignPolicy } from './assignment-plan.ts';

/** What a checked configuration says about asking. */
export function assignPolicy({ pbxes, providers }: HubConfig): AssignPolicy {
  const trunks = providers.flatMap(({ provider, options, testCalls, trunks: own }) =>
    own.map(({ trunk }) => ({ trunk, provider, options, testCalls })),
  );
  return {
    providers: new Map(
      trunks.map(({ trunk, provider, options }) => {
        const { attemptsPerMinute, confirmPerMinute, fastestIntervalMs, witnessesPerSite } = options;
        return [
          trunk,
          { provider, budget: { attemptsPerMinute, confirmPerMinute, fastestIntervalMs, witnessesPerSite } },
        ];
      }),
    ),
    testCalls: new Map(trunks.flatMap(({ trunk, testCalls }) => (testCalls ? [[trunk, testCalls] as const] : []))),
    siteOf: new Map(pbxes.map(({ pbx, site }) => [pbx, site])),
  };
}
