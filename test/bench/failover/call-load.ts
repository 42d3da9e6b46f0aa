import { setTimeout as delay } from 'node:timers/promises';
import { NATIONAL } from '../../lab/fleet.ts';
import type { CallOutcome } from '../../lab/phone.ts';
import type { Site } from '../../lab/two-sites.ts';
import type { HoleFleet } from './hole-fleet.ts';

const CALL_EVERY_MS = 900;
const HOLD_MS = 100;

/** What became of the calls of a load. */
export type LoadResult = { readonly calls: number; readonly answered: number; readonly slowestMs: number };

/** Calls at every site, a little more than one a second, until stopped. */
export function callOn({ fleet, sites }: HoleFleet): { readonly stop: () => Promise<LoadResult> } {
  const ending = new AbortController();
  const loop = async (site: Site): Promise<readonly CallOutcome[]> => {
    const calls: Promise<CallOutcome>[] = [];
    while (!ending.signal.aborted && !fleet.lab.signal.aborted) {
      calls.push(fleet.sites.phone.call(site.place.address, { number: NATIONAL, holdMs: HOLD_MS }));
      await delay(CALL_EVERY_MS);
    }
    return await Promise.all(calls);
  };
  const loops = Promise.all(sites.map(loop));
  loops.catch(() => undefined);
  return {
    stop: async () => {
      ending.abort();
      const outcomes = (await loops).flat();
      return {
        calls: outcomes.length,
        answered: outcomes.filter(({ status }) => status === 200).length,
        slowestMs: Math.round(Math.max(...outcomes.map(({ tookMs }) => tookMs))),
      };
    },
  };
}
