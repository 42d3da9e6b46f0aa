import { type BlamedFault, playBlame, waitSent } from '../blame-case.ts';
import { Fleet } from '../fleet.ts';
import type { Lab } from '../lab.ts';
import type { Drop } from '../loss-rules.ts';
import { DENSE_PACE, SHORT_DAMPING } from '../program-config.ts';
import { recordFleet } from '../recording.ts';
import type { Scenario } from '../scenario.ts';
import { VerdictWatch } from '../verdict-watch.ts';

/** Of each direction, so that a probe is lost there and back with 1 - 0.837² = 30 %. */
const EACH_WAY_PERCENT = 16.3;
const QUIET_SENT = 40;
const PATIENCE = { toldMs: 60_000, afterMs: 12_000, calmMs: 60_000 };

type HeavyLoss = { readonly name: string; readonly place: string; readonly drops: (fleet: Fleet) => readonly Drop[] };

const bothWays = (one: string, other?: string): readonly Drop[] => [
  { from: one, ...(other === undefined ? {} : { to: other }), percent: EACH_WAY_PERCENT },
  { to: one, ...(other === undefined ? {} : { from: other }), percent: EACH_WAY_PERCENT },
];

const PLACES: readonly HeavyLoss[] = [
  {
    name: 'loss-provider',
    place: 'provider telco-a',
    drops: ({ sites: { a } }) => bothWays(a.host.addresses[0]),
  },
  {
    name: 'loss-site',
    place: 'site site1',
    drops: ({ sites: { sites } }) => bothWays(sites[0].place.address),
  },
  {
    name: 'loss-path',
    place: 'path pbx1 > a.a1',
    drops: ({ sites: { a, sites } }) => bothWays(sites[0].place.address, a.host.addresses[0]),
  },
];

async function play(lab: Lab, { drops, name, place }: HeavyLoss): Promise<void> {
  const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, pace: DENSE_PACE });
  await recordFleet(fleet, name);
  const { reader } = fleet.sites;
  const before = new VerdictWatch(reader);
  await waitSent(fleet, QUIET_SENT).finally(() => before.stop());
  lab.check('no verdict before', before.seen.length === 0, { seen: before.seen });
  const fault: BlamedFault = { place, direction: 'both or unknown', drops: drops(fleet) };
  await playBlame(fleet, { name: '30 % of round trips', faults: [fault] }, PATIENCE);
  console.log(
    (await reader.paths())
      .map(({ key, sent, lost, state }) => `     ${key} ${state}: ${lost} of ${sent} lost`)
      .join('\n'),
    `\n     flips: ${JSON.stringify((await fleet.flips()).map(({ pbx, from }) => `${pbx} from ${from}`))}`,
  );
  console.log(`     resident memory at the dense pace, for which no target is set: ${JSON.stringify(fleet.memory())}`);
}

/** Heavy loss at one place: its provider, its site or one path. */
export const scenarios: readonly Scenario[] = PLACES.map((place) => ({
  name: place.name,
  smoke: place.name !== 'loss-path',
  run: async (lab) => await play(lab, place),
}));
