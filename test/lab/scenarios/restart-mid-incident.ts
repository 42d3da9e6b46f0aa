import { Fleet, leads } from '../fleet.ts';
import { pollUntil } from '../poll.ts';
import { SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';

const HOLD_MS = 40_000;
const ROUTING = { ...SHORT_DAMPING.routing, holdDownMs: HOLD_MS, maxHoldDownMs: HOLD_MS };

async function tierOfA(fleet: Fleet): Promise<readonly string[]> {
  const routes = await fleet.sites.reader.routes();
  return routes.flatMap(({ trunks }) => trunks.flatMap(({ trunk, tier }) => (trunk === 'a' ? [tier] : [])));
}

async function waitConnected(fleet: Fleet, count: number): Promise<void> {
  await pollUntil(
    'the probes are connected',
    async () => {
      const pbxes = await fleet.sites.reader.pbxes().catch(() => []);
      return (
        pbxes.filter(({ probe, asteriskVersion }) => probe === 'connected' && asteriskVersion !== undefined).length >=
        count
      );
    },
    { timeoutMs: 60_000, intervalMs: 200, signal: fleet.lab.signal },
  );
}

/** While A is dead: a probe is killed, an Asterisk is loaded anew, the other is started anew. */
async function duringTheHole(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const [first, second] = sites.sites;
  fleet.probes[0].signal('SIGKILL');
  await pollUntil('the first probe is dead', () => !fleet.probes[0].isRunning, { timeoutMs: 5000 });
  fleet.startFirstProbe();
  await fleet.givePriority();
  await first.pbx.reload();
  await second.pbx.stop();
  await second.pbx.start();
  await waitConnected(fleet, 2);
  await pollUntil('both marks stand', async () => (await fleet.downMarks('a')).every((text) => text !== undefined), {
    timeoutMs: 15_000,
  });
  const texts = await fleet.routes();
  lab.check(
    'probe killed, dialplan loaded anew, Asterisk started anew: route and mark stand',
    texts.every((text) => leads(text, 'b')),
    {
      texts,
      marks: await fleet.downMarks('a'),
    },
  );
  await fleet.checkCalls('and calls go to B', 'B');
}

/** The hub is started anew while A is held. */
async function duringTheHold(fleet: Fleet): Promise<void> {
  const { lab } = fleet;
  await pollUntil('A is held', async () => (await tierOfA(fleet)).every((tier) => tier === 'held'), {
    timeoutMs: 30_000,
    intervalMs: 200,
  });
  fleet.hub.signal('SIGTERM');
  await pollUntil('the hub has ended', () => !fleet.hub.isRunning, { timeoutMs: 15_000 });
  fleet.startHub();
  await fleet.givePriority();
  await waitConnected(fleet, 2);
  const tiers = new Set<string>();
  await pollUntil(
    'paths are healthy again',
    async () => {
      for (const tier of await tierOfA(fleet)) tiers.add(tier);
      return (await fleet.sites.reader.paths()).every(({ state }) => state === 'healthy');
    },
    { timeoutMs: 30_000, intervalMs: 100 },
  );
  const after = await tierOfA(fleet);
  const isHeld = after.every((tier) => tier === 'held') && !tiers.has('usable') && !tiers.has('half-open');
  lab.check('the hub started anew: A is held as before', isHeld, {
    seen: [...tiers],
    after,
    astdb: await fleet.routes(),
  });
}

/** A dies and returns; meanwhile everything is started anew once. The hold outlives it all. */
export const scenario: Scenario = {
  name: 'restart-mid-incident',
  smoke: false,
  run: async (lab) => {
    const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, routing: ROUTING });
    await fleet.givePriority();
    const hole = await lab.network.loss.dropAt(fleet.sites.a.host.addresses[0], 100);
    await fleet.waitBothLead('b', Date.now(), 15_000);
    await duringTheHole(fleet);
    const endsAtEpochMs = Date.now();
    for (const rule of hole) await rule.remove();
    await duringTheHold(fleet);
    const back = await fleet.waitBothLead('a', endsAtEpochMs, 180_000);
    const isLater = back.every(({ tookMs }) => tookMs >= HOLD_MS - 2000);
    lab.check('A leads again, and not before its hold was over', isLater, {
      backMs: back.map(({ tookMs }) => tookMs),
      holdMs: HOLD_MS,
    });
    const flips = await fleet.flips();
    const isOnce = ['pbx1', 'pbx2'].every(
      (pbx) =>
        flips
          .filter((flip) => flip.pbx === pbx)
          .map(({ from }) => from)
          .join() === 'a,b',
    );
    lab.check('one flip away and one back at each site', isOnce, { flips });
  },
};
