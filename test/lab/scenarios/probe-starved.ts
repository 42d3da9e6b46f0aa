import { setTimeout as delay } from 'node:timers/promises';
import type { LivePath } from '../../../wire/live.ts';
import { waitSent } from '../blame-case.ts';
import { Fleet } from '../fleet.ts';
import { areMeasuring } from '../mesh-bench.ts';
import { MeshReader } from '../mesh-reader.ts';
import { watchFor } from '../poll.ts';
import { givePriority } from '../priority.ts';
import { DENSE_PACE, SHORT_DAMPING } from '../program-config.ts';
import { recordFleet } from '../recording.ts';
import type { Scenario } from '../scenario.ts';
import { cpuSecondsOf, type Starvation, starve } from '../starvation.ts';
import { VerdictWatch } from '../verdict-watch.ts';

const STARVED = 'pbx1';
const FOR_MS = 30_000;
const ABSTAINS_WITHIN_MS = 15_000;
/** A probe of the lab that a busy machine made late abstains too, for ten seconds. */
const OTHERS_WITHIN_MS = 20_000;
const AFTER_MS = 10_000;
const QUIET_SENT = 40;
/** Sends and reflects all the time, so that a reflector that gets no processor loses packets of its peer. */
const CADENCE = { onMs: 10_000, offMs: 1000 };

type Diet = Starvation & { readonly name: string };

/** Too little to measure by. */
const DIETS: readonly Diet[] = [
  { name: 'a twentieth of a processor, in slices', stoppedMs: 190, runningMs: 10 },
  { name: 'stalls of 700 ms', stoppedMs: 700, runningMs: 300 },
  { name: 'stalls longer than a time-out', stoppedMs: 2500, runningMs: 500 },
];
/** Uneven, yet enough: what it measures counts, so it must be right. */
const LEAN: Diet = { name: 'half a processor, in slices', stoppedMs: 50, runningMs: 50 };

/** Starves the probe for a while and feeds it again; nothing may be said of anybody all the time. */
async function playDiet(fleet: Fleet, diet: Diet, look: (fleet: Fleet, diet: Diet) => Promise<void>): Promise<void> {
  const { lab, probes, sites } = fleet;
  const watch = new VerdictWatch(sites.reader);
  const cpuBeforeS = await cpuSecondsOf(probes[0].pid);
  const beganAtMs = performance.now();
  const feed = starve(probes[0], diet);
  try {
    await look(fleet, diet);
    await delay(Math.max(0, FOR_MS - (performance.now() - beganAtMs)), undefined, { signal: lab.signal });
    const isOther = ({ pbx }: LivePath): boolean => pbx !== STARVED;
    const others = await fleet.waitPaths(`${diet.name}: others`, isOther, 'healthy', OTHERS_WITHIN_MS).catch(() => []);
    lab.check(`${diet.name}: the paths of the others are healthy, those to it too`, others.length > 0, {
      paths: (await sites.reader.paths()).map(({ key, state }) => `${key} ${state}`),
    });
  } finally {
    await feed();
  }
  const cpuS = (await cpuSecondsOf(probes[0].pid)) - cpuBeforeS;
  const cpuShare = Math.round((cpuS * 1e6) / (performance.now() - beganAtMs)) / 1000;
  const healthyMs = Math.round(await fleet.waitHealthy());
  await delay(AFTER_MS, undefined, { signal: lab.signal });
  watch.stop();
  lab.check(`${diet.name}: nothing is said of anybody, nor once it is fed again`, watch.seen.length === 0, {
    cpuShare,
    healthyMs,
    looks: watch.looks,
    seen: watch.seen,
  });
}

/** It abstains on all its paths soon, says why, and goes on to. */
async function checkAbstaining(fleet: Fleet, { name }: Diet): Promise<void> {
  const { lab } = fleet;
  const beganAtMs = performance.now();
  const isOwn = ({ pbx }: LivePath): boolean => pbx === STARVED;
  const silent = await fleet.waitPaths(`${name}: unknown`, isOwn, 'unknown', ABSTAINS_WITHIN_MS).catch(() => []);
  const abstainedMs = Math.round(performance.now() - beganAtMs);
  const speaking = await watchFor(
    async () =>
      (await fleet.sites.reader.paths().catch(() => [])).find((path) => isOwn(path) && path.state !== 'unknown'),
    { forMs: FOR_MS - abstainedMs, intervalMs: 500, signal: lab.signal },
  );
  const reasons = [...new Set(silent.map(({ reason }) => reason))];
  const saysWhy = reasons.length > 0 && reasons.every((text) => text.startsWith(`The probe of ${STARVED} abstains`));
  lab.check(`${name}: the starved probe abstains on all its paths, says why, and keeps to it`, saysWhy && !speaking, {
    abstainedMs,
    reasons,
    speaking,
  });
}

/** A probe that gets too little of a processor: it abstains, nobody is accused, and it is back once it is fed. */
export const scenario: Scenario = {
  name: 'probe-starved',
  smoke: false,
  run: async (lab) => {
    const fleet = await Fleet.start(lab, {
      ...SHORT_DAMPING,
      pace: DENSE_PACE,
      amendHub: (document) => ({ ...document, mesh: CADENCE }),
    });
    await recordFleet(fleet, 'probe-starved');
    for (const other of fleet.probes.slice(1)) await givePriority(other);
    const mesh = new MeshReader(fleet.sites.reader, lab.signal);
    await mesh.waitStreams('the mesh measures', (streams) => areMeasuring(streams, 1), 90_000);
    await waitSent(fleet, QUIET_SENT);
    await playDiet(fleet, LEAN, async () => undefined);
    for (const diet of DIETS) await playDiet(fleet, diet, checkAbstaining);
    const flips = await fleet.flips();
    lab.check('nothing was moved for it', flips.length === 0, { flips });
  },
};
