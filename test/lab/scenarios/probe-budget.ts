import type { EdgeView } from '../../../server/assign/assignment-view.ts';
import { pollFor, pollUntil, watchFor } from '../poll.ts';
import type { ReceivedOptions } from '../provider.ts';
import type { Scenario } from '../scenario.ts';
import { openTwoSites, SECOND_PBXES } from '../two-sites.ts';

const BUDGET = { attemptsPerMinute: 6, confirmPerMinute: 12 };
const OWN_PACE = { optionsIntervalMs: 10_000, lossMeanMs: 0, budgetPerMinute: 18 };
/** Of four Asterisks together. */
const QUALIFY_PER_MINUTE = 2;
const MINUTE_MS = 60_000;
const WATCH_MS = 95_000;

/** Most of any minute. */
function busiestMinute(options: readonly ReceivedOptions[]): number {
  const times = options.map(({ receivedAtEpochMs }) => receivedAtEpochMs);
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE_MS).length));
}

function ofProbes(options: readonly ReceivedOptions[]): readonly ReceivedOptions[] {
  return options.filter(({ userAgent }) => userAgent.startsWith('Trunkward'));
}

/**
 * Providers that ban everybody once they are asked too fast; two sites with two Asterisks each, which qualify by themselves.
 * Counted at the edge.
 */
export const scenario: Scenario = {
  name: 'probe-budget',
  smoke: false,
  run: async (lab) => {
    const sites = await openTwoSites(lab, {
      pace: OWN_PACE,
      budget: BUDGET,
      qualify: { frequencyS: (4 * 60) / QUALIFY_PER_MINUTE, timeoutS: 3 },
      furtherPbxes: SECOND_PBXES,
    });
    const { a, b, reader } = sites;
    sites.startHub();
    const assignments = async (): Promise<readonly EdgeView[]> => {
      const { status, text } = await reader.fetch('/api/v1/assignments');
      return status === 200 ? (JSON.parse(text) as { readonly items: readonly EdgeView[] }).items : [];
    };
    for (const site of [...sites.sites, ...sites.further]) site.startProbe();
    await pollUntil(
      'four witnesses of both edges, and the qualify of all four counted in',
      async () => {
        const edges = await assignments().catch(() => []);
        return (
          edges.length === 2 &&
          edges.every((edge) => edge.witnesses.length === 4 && edge.qualifyPerMinute === QUALIFY_PER_MINUTE)
        );
      },
      { timeoutMs: 90_000, intervalMs: 500, signal: lab.signal },
    );
    const cap = BUDGET.attemptsPerMinute + BUDGET.confirmPerMinute;
    await Promise.all([a, b].map(async (provider) => await provider.banAbove(cap)));
    await watchFor(() => undefined, { forMs: 15_000, signal: lab.signal });
    const fromEpochMs = Date.now();
    await watchFor(() => undefined, { forMs: WATCH_MS, intervalMs: 1000, signal: lab.signal });
    const edges = await assignments();
    for (const [name, provider] of [['a', a] as const, ['b', b] as const]) {
      const seen = provider.options().filter(({ receivedAtEpochMs }) => receivedAtEpochMs >= fromEpochMs);
      const own = ofProbes(seen);
      const edge = edges.find((each) => each.edge.startsWith(`${name}.`));
      const left = BUDGET.attemptsPerMinute - QUALIFY_PER_MINUTE;
      const isKept = busiestMinute(own) <= left && busiestMinute(seen) <= cap;
      const sources = new Set(own.map(({ sourceAddress }) => sourceAddress)).size;
      lab.check(`edge ${name} is asked within its budget, by all four`, isKept && sources === 4, {
        probesInBusiestMinute: busiestMinute(own),
        allInBusiestMinute: busiestMinute(seen),
        qualifyCounted: edge?.qualifyPerMinute,
        intervalMs: edge?.intervalMs,
        sources,
      });
    }
    const paths = await reader.paths();
    const toTrunks = paths.filter(({ trunk }) => trunk !== undefined);
    lab.check(
      'all eight paths are healthy: nobody is banned',
      toTrunks.every(({ state }) => state === 'healthy'),
      {
        states: toTrunks.map(({ key, state, lossEvidence }) => `${key} ${state} by ${lossEvidence ?? '?'}`),
      },
    );

    await lab.network.loss.dropAt(a.host.addresses[0], 100);
    const startedAtMs = performance.now();
    const { value: dead } = await pollFor(
      'a black hole found at both sites',
      async () => {
        const now = (await reader.paths().catch(() => [])).filter(
          ({ trunk, state }) => trunk === 'a' && state === 'hard-down',
        );
        return new Set(now.map(({ site }) => site)).size === 2 ? now : undefined;
      },
      { timeoutMs: 330_000, intervalMs: 500, signal: lab.signal },
    );
    lab.check('a black hole is found by confirmations at both sites', dead.length >= 2, {
      afterMs: Math.round(performance.now() - startedAtMs),
      reasons: dead.map(({ key, reason }) => `${key}: ${reason}`),
    });
    const atB = b.options().filter(({ receivedAtEpochMs }) => receivedAtEpochMs >= fromEpochMs);
    const still = (await reader.paths()).filter(({ trunk }) => trunk === 'b');
    lab.check(
      'provider b, asked as control meanwhile, is kept within its burst and bans nobody',
      busiestMinute(ofProbes(atB)) <= cap && still.every(({ state }) => state === 'healthy'),
      { probesInBusiestMinute: busiestMinute(ofProbes(atB)), allInBusiestMinute: busiestMinute(atB) },
    );
  },
};
