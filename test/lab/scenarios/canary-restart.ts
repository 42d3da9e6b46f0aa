import { setTimeout as delay } from 'node:timers/promises';
import { Fleet, leads, NATIONAL } from '../fleet.ts';
import { pollFor, pollUntil } from '../poll.ts';
import { SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';

const CALL_EVERY_MS = 700;
const CANARY_PERCENT = 20;
/** Steps as at work: by calls that went through, for the class has some all the time. */
const ROUTING = {
  ...SHORT_DAMPING.routing,
  canaryPercent: CANARY_PERCENT,
  rampStepMs: 6000,
  probesAloneAfterMs: 600_000,
};

/** Calls at both sites all the time until told to stop; gives their statuses. */
function callOn(fleet: Fleet): { readonly stop: () => Promise<readonly (number | undefined)[]> } {
  const ending = new AbortController();
  const loop = async (at: 0 | 1): Promise<readonly (number | undefined)[]> => {
    const calls: Promise<number | undefined>[] = [];
    const { address } = fleet.sites.sites[at].place;
    while (!ending.signal.aborted && !fleet.lab.signal.aborted) {
      calls.push(fleet.sites.phone.call(address, { number: NATIONAL, holdMs: 100 }).then(({ status }) => status));
      await delay(CALL_EVERY_MS);
    }
    return await Promise.all(calls);
  };
  const loops = Promise.all([loop(0), loop(1)]);
  loops.catch(() => undefined);
  return {
    stop: async () => {
      ending.abort();
      return (await loops).flat();
    },
  };
}

/** Share of A where B leads, in per cent; undefined where it does not. */
function shareOfA(text: string | undefined): number | undefined {
  const share = leads(text, 'b') ? /,a\/(\d+)/.exec(text ?? '')?.[1] : undefined;
  const own = /:b\/(\d+)/.exec(text ?? '')?.[1];
  if (share === undefined || own === undefined) return undefined;
  return Math.round((100 * Number(share)) / (Number(share) + Number(own)));
}

/** A returns by canary and ramp, and the hub is killed while it has its first share. */
export const scenario: Scenario = {
  name: 'canary-restart',
  smoke: false,
  run: async (lab) => {
    const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, routing: ROUTING });
    await fleet.givePriority();
    const calls = callOn(fleet);
    const hole = await lab.network.loss.dropAt(fleet.sites.a.host.addresses[0], 100);
    await fleet.waitBothLead('b', Date.now(), 15_000);
    for (const rule of hole) await rule.remove();
    const { value: before } = await pollFor(
      'A has its first share',
      async () => {
        const texts = await fleet.routes();
        return texts.every((text) => (shareOfA(text) ?? 0) > 0) ? texts : undefined;
      },
      { timeoutMs: 120_000, intervalMs: 100, signal: lab.signal },
    );
    fleet.hub.signal('SIGKILL');
    await pollUntil('the hub is dead', () => !fleet.hub.isRunning, { timeoutMs: 5000 });
    await delay(3000);
    const meanwhile = await fleet.routes();
    lab.check('hub killed: AstDB keeps the shares', meanwhile.join() === before.join(), { before, meanwhile });
    fleet.startHub();
    await fleet.givePriority();
    const shares: number[][] = [[], []];
    await pollUntil(
      'A leads again',
      async () => {
        const texts = await fleet.routes();
        for (const [at, text] of texts.entries()) {
          const share = shareOfA(text);
          if (share !== undefined && shares[at]?.at(-1) !== share) shares[at]?.push(share);
        }
        return texts.every((text) => leads(text, 'a'));
      },
      { timeoutMs: 240_000, intervalMs: 200, signal: lab.signal },
    );
    const statuses = await calls.stop();
    const isRising = shares.every(
      (seen) => seen.length >= 2 && seen.every((share, at) => share >= CANARY_PERCENT && share > (seen[at - 1] ?? 0)),
    );
    lab.check(
      'the hub is back: the ramp goes on from the share it had, step by step, and begins nowhere anew',
      isRising,
      { shares },
    );
    const flips = await fleet.flips();
    const isOnce = ['pbx1', 'pbx2'].every(
      (pbx) =>
        flips
          .filter((flip) => flip.pbx === pbx)
          .map(({ from }) => from)
          .join() === 'a,b',
    );
    lab.check('one flip away and one back at each site', isOnce, {
      flips,
      calls: statuses.length,
      answered: statuses.filter((status) => status === 200).length,
    });
  },
};
