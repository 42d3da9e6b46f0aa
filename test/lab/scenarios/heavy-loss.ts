import { Fleet } from '../fleet.ts';
import type { Lab } from '../lab.ts';
import type { ActiveDrop } from '../loss-rules.ts';
import { pollFor } from '../poll.ts';
import { DENSE_PACE, SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';
import { VerdictWatch } from '../verdict-watch.ts';

/** Of each direction, so that a probe is lost there and back with 1 - 0.837² = 30 %. */
const EACH_WAY_PERCENT = 16.3;
const MIN_PROBES = 300;

type Place = {
  readonly name: string;
  /** As the verdict writes it. */
  readonly place: string;
  readonly begin: (fleet: Fleet) => Promise<readonly ActiveDrop[]>;
};

const PLACES: readonly Place[] = [
  {
    name: 'loss-provider',
    place: 'provider telco-a',
    begin: async ({ lab, sites }) => await lab.network.loss.dropAt(sites.a.host.addresses[0], EACH_WAY_PERCENT),
  },
  {
    name: 'loss-site',
    place: 'site site1',
    begin: async ({ lab, sites }) => await lab.network.loss.dropAt(sites.sites[0].place.address, EACH_WAY_PERCENT),
  },
  {
    name: 'loss-path',
    place: 'path pbx1 > a.a1',
    begin: async ({ lab, sites }) =>
      await lab.network.loss.dropBetween(sites.sites[0].place.address, sites.a.host.addresses[0], EACH_WAY_PERCENT),
  },
];

async function play(lab: Lab, { place, begin }: Place): Promise<void> {
  const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, pace: DENSE_PACE });
  const { reader } = fleet.sites;
  const watch = new VerdictWatch(reader);
  try {
    await pollFor(
      'some quiet before',
      async () => ((await reader.paths()).every(({ sent }) => sent >= 60) ? true : undefined),
      { timeoutMs: 30_000, intervalMs: 500 },
    );
    lab.check('no verdict before', watch.seen.length === 0, { seen: watch.seen });
    const startedAtEpochMs = Date.now();
    const rules = await begin(fleet);
    const { value: paths } = await pollFor(
      `${MIN_PROBES} probes of every path within the fault`,
      async () => {
        const now = await reader.paths().catch(() => []);
        const isWhole = now.length === 6 && now.every(({ windowMs }) => Date.now() - startedAtEpochMs > windowMs);
        return isWhole && now.every(({ sent }) => sent >= MIN_PROBES) ? now : undefined;
      },
      { timeoutMs: 100_000, intervalMs: 500, signal: lab.signal },
    );
    const named = watch.named(place);
    const open = (await reader.verdicts()).filter(({ clearedAtEpochMs }) => clearedAtEpochMs === undefined);
    const values = {
      namedAfterMs: named && named.firstSeenAtEpochMs - startedAtEpochMs,
      open: open.map(({ certainty, place: where, posterior, sentence }) => ({ certainty, where, posterior, sentence })),
      seen: watch.seen.map(({ certainty, symptom, place: where }) => `${certainty} ${symptom} ${where}`),
    };
    const isOpen = open.some((verdict) => verdict.certainty === 'named' && verdict.place === place);
    lab.check(`the verdict names ${place}`, named !== undefined && isOpen, values);
    lab.check('nobody else is accused', watch.accusedBut(place).length === 0, { accused: watch.accusedBut(place) });
    lab.check(
      'the loss goes both ways, or its direction is unknown',
      watch.seen.every(({ direction }) => direction === 'both' || direction === 'unknown'),
      { seen: watch.seen.map(({ direction }) => direction) },
    );
    for (const rule of rules) {
      const { lossRatio, ...count } = await rule.counter();
      const isTrue = Math.abs(lossRatio - EACH_WAY_PERCENT / 100) < 0.05;
      lab.check('the kernel lost what was asked for', isTrue, { ...rule.drop, ...count, lossRatio });
    }
    console.log(
      paths.map(({ key, sent, lost, state }) => `     ${key} ${state}: ${lost} of ${sent} lost`).join('\n'),
      `\n     flips: ${JSON.stringify((await fleet.flips()).map(({ pbx, from }) => `${pbx} from ${from}`))}`,
    );
    console.log(
      `     resident memory at the dense pace, for which no target is set: ${JSON.stringify(fleet.memory())}`,
    );
  } finally {
    watch.stop();
  }
}

/** Heavy loss at one place: its provider, its site or one path. */
export const scenarios: readonly Scenario[] = PLACES.map((place) => ({
  name: place.name,
  smoke: place.name !== 'loss-path',
  run: async (lab) => await play(lab, place),
}));
