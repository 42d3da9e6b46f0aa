import { Fleet, leads } from '../fleet.ts';
import { pollFor, pollUntil, watchFor } from '../poll.ts';
import { SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';

const OWN_MARK_BOUND_MS = 5000;

/** Brings B in front by a plan, so that the last plan differs from the static order, and gives A back once the hub is dead. */
async function killAfterFlip(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const hole = await lab.network.loss.dropAt(sites.a.host.addresses[0], 100);
  const flips = await fleet.waitBothLead('b', Date.now(), 15_000);
  const [first] = flips;
  fleet.hub.signal('SIGKILL');
  await pollUntil('the hub is dead', () => !fleet.hub.isRunning, { timeoutMs: 5000 });
  for (const rule of hole) await rule.remove();
  const clearedMs = await pollUntil(
    'the probes take their marks off A',
    async () => (await fleet.downMarks('a')).every((text) => text === undefined),
    { timeoutMs: 40_000 },
  );
  lab.check(
    'hub killed: AstDB keeps the last plan',
    (await fleet.routes()).every((text) => text === first.text),
    {
      astdb: await fleet.routes(),
      ownMarksClearedMs: Math.round(clearedMs),
    },
  );
  await fleet.checkCalls('and calls go by it, not by the static order', 'B');
}

async function holeWhileAway(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const startedAtEpochMs = Date.now();
  await lab.network.loss.dropAt(sites.b.host.addresses[0], 100);
  const marks = await Promise.all(
    sites.sites.map(async ({ pbx }) => {
      const { value } = await pollFor(
        `${pbx.host.name} marks B down`,
        async () => await pbx.databaseGet('trunkward', 'down/b'),
        { timeoutMs: 15_000, intervalMs: 25 },
      );
      return { tookMs: Date.now() - startedAtEpochMs, leftS: Number(value) - Math.floor(Date.now() / 1000) };
    }),
  );
  const isGood = marks.every(({ tookMs, leftS }) => tookMs <= OWN_MARK_BOUND_MS && leftS > 0);
  lab.check('a trunk that dies meanwhile is marked down by each probe alone', isGood, { marks });
  await fleet.checkCalls('and calls go past it', 'A');
}

async function hubReturns(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const before = (await fleet.flips().catch(() => [])).length;
  const found = await fleet.routes();
  fleet.startHub();
  const startedAtEpochMs = Date.now();
  await pollUntil(
    'the hub is back with both probes',
    async () => (await sites.reader.pbxes().catch(() => [])).filter(({ probe }) => probe === 'connected').length === 2,
    { timeoutMs: 60_000, intervalMs: 200 },
  );
  const connectedMs = Date.now() - startedAtEpochMs;
  const texts: string[] = [];
  const wrong = await watchFor(
    async () => {
      const [routes, marks] = [await fleet.routes(), await fleet.downMarks('b')];
      const shown = `${routes.join(' | ')} down: ${marks.join(' | ')}`;
      if (texts.at(-1) !== shown) texts.push(shown);
      const isIntoHole = routes.some((text, at) => leads(text, 'b') && !isInForce(marks[at]));
      return isIntoHole ? shown : undefined;
    },
    { forMs: 25_000, signal: lab.signal },
  );
  const flips = (await fleet.flips()).slice(before);
  lab.check('the hub is back and no route leads into the hole', wrong === undefined, { connectedMs, found, texts });
  const perPbx = ['pbx1', 'pbx2'].map((pbx) => flips.filter((flip) => flip.pbx === pbx).map(({ from }) => from));
  const returned = (await fleet.sites.reader.journal('hub-started')).length;
  const own = perPbx.map((from) => from.slice(1));
  lab.check(
    'no flap: away from B once at each site, nothing else',
    own.every((from) => from.join() === 'b'),
    {
      flips: perPbx,
      hubStarts: returned,
    },
  );
  await fleet.checkCalls('calls still go past it', 'A');
}

function isInForce(mark: string | undefined): boolean {
  return mark !== undefined && Number(mark) * 1000 > Date.now();
}

/** The hub is killed; a trunk dies while it is away; it returns. */
export const scenario: Scenario = {
  name: 'hub-killed',
  smoke: true,
  run: async (lab) => {
    const fleet = await Fleet.start(lab, SHORT_DAMPING);
    await killAfterFlip(fleet);
    await holeWhileAway(fleet);
    await hubReturns(fleet);
    await fleet.checkMemory();
  },
};
