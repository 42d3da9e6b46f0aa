import { Fleet } from '../fleet.ts';
import { pollUntil, watchFor } from '../poll.ts';
import { SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';

/** The probe looks once in 30 s; what is left is room for a machine that others use too. */
const SEEN_BOUND_MS = 45_000;
const FAMILY = 'trunkward';
const KEY = 'route/national';

/** A is dead, so that B leads by a plan. What AstDB of the first site then holds. */
async function firstPlan(fleet: Fleet): Promise<string> {
  const { lab, sites } = fleet;
  const [address] = sites.a.host.addresses;
  await lab.network.loss.dropAt(address, 100);
  await fleet.waitBothLead('b', Date.now(), 15_000);
  await pollUntil('own marks', async () => (await fleet.downMarks('a')).every((text) => text !== undefined), {
    timeoutMs: 10_000,
    signal: lab.signal,
  });
  return (await sites.sites[0].pbx.databaseGet(FAMILY, KEY)) ?? '';
}

/** The journal's word on a route that holds `found` at the first site, once it is there. */
async function toldOf(fleet: Fleet, found: string, sinceEpochMs: number) {
  const { reader } = fleet.sites;
  const entry = async () =>
    (await reader.journal('route-drift')).find(
      ({ atEpochMs, scope, sentence }) =>
        scope.pbx === 'pbx1' && atEpochMs >= sinceEpochMs && sentence.includes(` holds ${found} `),
    );
  await pollUntil(`${found} is told`, async () => (await entry()) !== undefined, {
    timeoutMs: SEEN_BOUND_MS,
    intervalMs: 250,
    signal: fleet.lab.signal,
  });
  return await entry();
}

/** A text with the two trunks in the other order and the same stamp, as an operator's hand would put it. */
function turnedRound(text: string): string {
  return text.replace(/b\/100,a\/0$/, 'a/100,b/0');
}

async function repaired(fleet: Fleet): Promise<void> {
  const { lab } = fleet;
  const [site] = fleet.sites.sites;
  const ordered = await firstPlan(fleet);
  for (const [what, edited] of [
    ['another order', turnedRound(ordered)],
    ['no route at all', 'Local/1@evil'],
  ] as const) {
    const startedAtEpochMs = Date.now();
    await site.pbx.databasePut(FAMILY, KEY, edited);
    const { order, status } = await fleet.call(site);
    lab.check(`${what}: a call placed at once is answered, by way of the mark on A`, order === 'B' && status === 200, {
      order,
      status,
    });
    const entry = await toldOf(fleet, edited, startedAtEpochMs);
    const back = await fleet.waitLeads(site, 'b', startedAtEpochMs, SEEN_BOUND_MS);
    lab.check(
      `a route edited by hand (${what}) is told with both texts and written back`,
      back.text === ordered && entry?.sentence.includes(`not ${ordered}`) === true,
      { sentence: entry?.sentence, text: back.text, ordered, tookMs: back.tookMs },
    );
  }
  const drifts = await fleet.sites.reader.journal('route-drift');
  lab.check(
    'and nothing else is told for drift, the marks of the probes neither',
    drifts.length === 2 && drifts.every(({ scope }) => scope.pbx === 'pbx1'),
    {
      drifts: drifts.map(({ sentence }) => sentence),
    },
  );
  lab.check('no flip is made of it', (await fleet.flips()).length === 2, { flips: await fleet.flips() });
  await fleet.checkCalls('after it a call goes to B', 'B');
}

async function reported(fleet: Fleet): Promise<void> {
  const { lab, sites } = fleet;
  const [site] = sites.sites;
  const ordered = await firstPlan(fleet);
  const edited = turnedRound(ordered);
  const startedAtEpochMs = Date.now();
  await site.pbx.databasePut(FAMILY, KEY, edited);
  const entry = await toldOf(fleet, edited, startedAtEpochMs);
  fleet.hub.signal('SIGKILL');
  await fleet.hub.ended;
  fleet.startHub();
  await pollUntil(
    'the hub is back and hears the probes',
    async () => (await sites.reader.pbxes().catch(() => [])).filter(({ probe }) => probe === 'connected').length === 2,
    { timeoutMs: 30_000, signal: lab.signal },
  );
  const changed = await watchFor(
    async () => {
      const text = await site.pbx.databaseGet(FAMILY, KEY);
      return text === edited ? undefined : { text };
    },
    { forMs: 40_000, signal: lab.signal },
  );
  lab.check('under `report` the edit is told and stands, over a restart of the hub too', changed === undefined, {
    sentence: entry?.sentence,
    changed,
  });
}

/** Somebody changes a route in AstDB behind the hub: it is told, and written back or left, as the hub's file says. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'hand-edit',
    smoke: false,
    run: async (lab) => {
      const fleet = await Fleet.start(lab, SHORT_DAMPING);
      await repaired(fleet);
    },
  },
  {
    name: 'hand-edit-report',
    smoke: false,
    run: async (lab) => {
      const amendHub = (document: Readonly<Record<string, unknown>>) => {
        const { routing } = document;
        return { ...document, routing: { ...(typeof routing === 'object' && routing), drift: 'report' } };
      };
      await reported(await Fleet.start(lab, { ...SHORT_DAMPING, amendHub }));
    },
  },
];
