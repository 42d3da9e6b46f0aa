import { Fleet } from '../fleet.ts';
import { pollUntil } from '../poll.ts';
import { SHORT_DAMPING } from '../program-config.ts';
import type { Provider } from '../provider.ts';
import type { Scenario } from '../scenario.ts';

const WHOLE = /^2:\d+\.\d+:(a\/\d+,b\/\d+|b\/\d+,a\/\d+)$/;

/** A provider that hears everything and answers nothing; its log still tells what came. */
async function die(provider: Provider): Promise<void> {
  await provider.setOptions('ignore');
  await provider.setInvite({ kind: 'ignore' });
}

async function live(provider: Provider): Promise<void> {
  await provider.setOptions({ status: 200 });
  await provider.setInvite({ kind: 'accept' });
}

/** Keeps every text that AstDB ever held for the class, until stopped. */
function watchRoutes(fleet: Fleet): { readonly seen: Set<string>; readonly stop: () => void } {
  const seen = new Set<string>();
  const look = async (): Promise<void> => {
    for (const text of await fleet.routes().catch(() => [])) if (text !== undefined) seen.add(text);
  };
  const timer = setInterval(() => void look(), 400);
  return { seen, stop: () => clearInterval(timer) };
}

async function waitJournal(fleet: Fleet, kind: string, what: string): Promise<readonly string[]> {
  const { reader } = fleet.sites;
  const of = async () => (await reader.journal(kind)).map(({ scope, sentence }) => ({ pbx: scope.pbx, sentence }));
  await pollUntil(what, async () => new Set((await of()).map(({ pbx }) => pbx)).size === 2, {
    timeoutMs: 40_000,
    intervalMs: 200,
    signal: fleet.lab.signal,
  });
  return (await of()).map(({ sentence }) => sentence);
}

/** Provider A dies, then B too; A returns, then B. */
export const scenario: Scenario = {
  name: 'panic',
  smoke: false,
  run: async (lab) => {
    const fleet = await Fleet.start(lab, SHORT_DAMPING);
    await fleet.givePriority();
    const { a, b } = fleet.sites;
    const routes = watchRoutes(fleet);
    try {
      await die(a);
      await fleet.waitBothLead('b', Date.now(), 15_000);
      await fleet.checkCalls('A is dead: a call goes to B', 'B');
      await die(b);
      const told = await waitJournal(fleet, 'panic', 'panic at both sites');
      lab.check(
        'both are dead: panic, loudly, at both sites',
        told.every((text) => text.includes('PANIC')),
        { told },
      );
      const [site] = fleet.sites.sites;
      const tried = await fleet.call(site);
      const isTried = ['AB', 'BA'].includes(tried.order);
      lab.check('a call is tried at both all the same: the last trunk is never taken away', isTried, {
        order: tried.order,
        status: tried.status,
        tookMs: tried.tookMs,
      });
      await live(a);
      const backAtEpochMs = Date.now();
      const back = await fleet.waitBothLead('a', backAtEpochMs, 90_000);
      const over = await waitJournal(fleet, 'panic-over', 'the end of panic at both sites');
      lab.check('A is back: both lead with it, and panic is said to be over', over.length >= 2, {
        backMs: back.map(({ tookMs }) => tookMs),
        over,
      });
      await pollUntil('marks off A', async () => (await fleet.downMarks('a')).every((text) => text === undefined), {
        timeoutMs: 40_000,
      });
      await fleet.checkCalls('and calls go to A', 'A');
      await live(b);
      await pollUntil(
        'B is usable again',
        async () =>
          (await fleet.sites.reader.routes()).every(({ trunks }) => trunks.every(({ tier }) => tier === 'usable')),
        { timeoutMs: 90_000, intervalMs: 500, signal: lab.signal },
      );
    } finally {
      routes.stop();
    }
    const torn = [...routes.seen].filter((text) => !WHOLE.test(text));
    lab.check('the route was never empty and always held both trunks', torn.length === 0, { seen: [...routes.seen] });
    const flips = await fleet.flips();
    const ofPbx = (pbx: string) => flips.filter((flip) => flip.pbx === pbx).map(({ from }) => from);
    const isOnce = ['pbx1', 'pbx2'].every((pbx) => ofPbx(pbx).join() === 'a,b');
    lab.check('one flip away and one back at each site, none while all was dead', isOnce, { flips });
  },
};
