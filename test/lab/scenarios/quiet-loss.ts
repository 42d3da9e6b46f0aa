import { Fleet, leads } from '../fleet.ts';
import type { Lab } from '../lab.ts';
import type { Drop } from '../loss-rules.ts';
import { pollUntil, watchFor } from '../poll.ts';
import { DENSE_PACE, PROMISED_PACE, SHORT_DAMPING } from '../program-config.ts';
import type { Scenario } from '../scenario.ts';
import { THIRD_SITE } from '../two-sites.ts';
import { VerdictWatch } from '../verdict-watch.ts';

const WATCH_MS = { full: 480_000, short: 150_000 };
/** Of each direction, so that a probe is lost there and back with 1 - 0.9487² = 10 %, or 30 %. */
const TEN_EACH_WAY = 5.13;
const THIRTY_EACH_WAY = 16.3;

function everywhere(fleet: Fleet): readonly Drop[] {
  const { a, b, hubHost } = fleet.sites;
  const hosts = [a.host, b.host, hubHost, ...fleet.all.map(({ pbx }) => pbx.host)];
  return hosts.flatMap(({ addresses }) => addresses.map((from) => ({ from, percent: TEN_EACH_WAY })));
}

async function texts(fleet: Fleet): Promise<readonly (string | undefined)[]> {
  return await Promise.all(fleet.all.map(async ({ pbx }) => await pbx.databaseGet('trunkward', 'route/national')));
}

async function lossEverywhere(lab: Lab, isFull: boolean): Promise<void> {
  const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, pace: PROMISED_PACE });
  await fleet.givePriority();
  const rules = await lab.network.loss.drop(...everywhere(fleet));
  const moved = await watchFor(
    async () => {
      const [routes, marks] = [await texts(fleet), [...(await fleet.downMarks('a')), ...(await fleet.downMarks('b'))]];
      const isMoved = routes.some((text) => text !== undefined && !leads(text, 'a'));
      return isMoved || marks.some((text) => text !== undefined) ? { routes, marks } : undefined;
    },
    { forMs: isFull ? WATCH_MS.full : WATCH_MS.short, intervalMs: 1000, signal: lab.signal },
  );
  const count = await lab.network.loss.total(rules);
  const paths = (await fleet.sites.reader.paths()).map(
    ({ key, lost, sent, state }) => `${key} ${state} ${lost}/${sent}`,
  );
  const flips = await fleet.flips();
  lab.check('10 % of round trips lost everywhere: no flip, no mark', moved === undefined && flips.length === 0, {
    moved,
    flips,
    ...count,
    paths,
    verdicts: (await fleet.sites.reader.verdicts()).map(({ sentence }) => sentence),
  });
}

async function siteFault(lab: Lab): Promise<void> {
  const fleet = await Fleet.start(lab, { ...SHORT_DAMPING, pace: DENSE_PACE, furtherPbxes: THIRD_SITE });
  await fleet.givePriority();
  const watch = new VerdictWatch(fleet.sites.reader);
  const [first] = fleet.all;
  await pollUntil('some samples', async () => (await fleet.sites.reader.paths()).every(({ sent }) => sent >= 40), {
    timeoutMs: 60_000,
    intervalMs: 500,
  });
  const { address } = first.place;
  await lab.network.loss.drop({ from: address, percent: THIRTY_EACH_WAY }, { to: address, percent: THIRTY_EACH_WAY });
  await pollUntil('site site1 is named', () => watch.named('site site1') !== undefined, { timeoutMs: 90_000 });
  const moved = await watchFor(
    async () => {
      const [, ...others] = await texts(fleet);
      return others.find((text) => text !== undefined && !leads(text, 'a'));
    },
    { forMs: 40_000, intervalMs: 500, signal: lab.signal },
  );
  watch.stop();
  const flips = (await fleet.flips()).filter(({ pbx }) => pbx !== 'pbx1');
  const tiers = (await fleet.sites.reader.routes()).map(
    ({ pbx, trunks }) => `${pbx}: ${trunks.map(({ tier, trunk }) => `${trunk} ${tier}`).join(', ')}`,
  );
  const routes = (await fleet.sites.reader.routes()).filter(({ pbx }) => pbx !== 'pbx1');
  const isUsable = routes.every(({ trunks }) => trunks.every(({ tier }) => tier === 'usable'));
  lab.check('a fault of site1 demotes no provider elsewhere', moved === undefined && flips.length === 0 && isUsable, {
    moved,
    flips,
    tiers,
    seen: watch.seen.map(({ certainty, place }) => `${certainty} ${place}`),
  });
}

/** What must move nothing: random loss everywhere, and at other sites the fault of one. */
export const scenarios: readonly Scenario[] = [
  { name: 'loss-everywhere', smoke: false, run: lossEverywhere },
  { name: 'site-fault-routes', smoke: false, run: siteFault },
];
