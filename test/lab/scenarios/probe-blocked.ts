import { setTimeout as delay } from 'node:timers/promises';
import { Fleet } from '../fleet.ts';
import { pollUntil, watchFor } from '../poll.ts';
import type { Scenario } from '../scenario.ts';
import { VerdictWatch } from '../verdict-watch.ts';

const CALL_EVERY_MS = 600;

/** Places calls at both sites all the time until told to stop; gives the statuses of all. */
function callOn(fleet: Fleet): { readonly stop: () => Promise<readonly (number | undefined)[]> } {
  const ending = new AbortController();
  const loop = async (at: 0 | 1): Promise<readonly (number | undefined)[]> => {
    const calls: Promise<number | undefined>[] = [];
    while (!ending.signal.aborted) {
      calls.push(fleet.call(fleet.sites.sites[at]).then(({ status }) => status));
      await delay(CALL_EVERY_MS);
    }
    return await Promise.all(calls);
  };
  const loops = Promise.all([loop(0), loop(1)]);
  return {
    stop: async () => {
      ending.abort();
      return (await loops).flat();
    },
  };
}

/** Provider A answers no OPTIONS but takes calls. The probes run without the mesh: so much memory they need by themselves. */
export const scenario: Scenario = {
  name: 'probe-blocked',
  smoke: true,
  run: async (lab) => {
    const fleet = await Fleet.start(lab, {
      amendProbe: (document) => ({ ...document, mesh: { isEnabled: false } }),
    });
    const { a, b, reader } = fleet.sites;
    const watch = new VerdictWatch(reader);
    const calls = callOn(fleet);
    try {
      await pollUntil('calls under way', () => a.invites().length >= 6, { timeoutMs: 15_000 });
      await a.setOptions('ignore');
      const startedAtEpochMs = Date.now();
      const isToA = ({ trunk }: { readonly trunk?: string }) => trunk === 'a';
      const paths = await fleet.waitPaths('probe-blocked', isToA, 'probe-blocked', 30_000);
      lab.check('both paths to A are probe-blocked', paths.length === 2, {
        afterMs: paths.map(({ sinceEpochMs }) => Math.round(sinceEpochMs - startedAtEpochMs)),
        reasons: paths.map(({ key, reason }) => `${key}: ${reason}`),
      });
      const moved = await watchFor(
        async () => {
          const texts = [...(await fleet.downMarks('a')), ...(await fleet.routes())];
          return texts.some((text) => text !== undefined) ? texts : undefined;
        },
        { forMs: 15_000, signal: lab.signal },
      );
      const flips = await fleet.flips();
      lab.check('no flip and no mark of the probes', moved === undefined && flips.length === 0, { moved, flips });
      const seen = watch.seen.map(({ certainty, symptom, place }) => `${certainty} ${symptom} ${place}`);
      const isSaid = ['path pbx1 > a.a1', 'path pbx2 > a.a1'].every((place) =>
        watch.seen.some((verdict) => verdict.symptom === 'probe-blocked' && verdict.place === place),
      );
      const accused = watch.seen.filter(({ certainty, symptom }) => symptom === 'loss' && certainty !== 'suspect');
      lab.check('probe-blocked is said of both paths, and nobody is accused of loss', isSaid && accused.length === 0, {
        seen,
      });
    } finally {
      watch.stop();
      const statuses = await calls.stop();
      const isEachAnswered = statuses.every((status) => status === 200);
      const atA = a.invites().length;
      lab.check('every call was answered by A', isEachAnswered && b.invites().length === 0 && atA === statuses.length, {
        calls: statuses.length,
        atA,
        atB: b.invites().length,
      });
    }
    await a.setOptions({ status: 200 });
    await fleet.waitHealthy();
    lab.check('A answers OPTIONS again: all is healthy, still no flip', (await fleet.flips()).length === 0, {});
    await fleet.checkMemory(false);
  },
};
