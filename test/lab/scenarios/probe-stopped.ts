import { Fleet } from '../fleet.ts';
import { watchFor } from '../poll.ts';
import type { Scenario } from '../scenario.ts';

const EMERGENCY = '112';
const CALLS = 9;
const MAX_DELAY_MS = 50;
const UNKNOWN_WITHIN_MS = 20_000;

/** Emergency calls one after another at the first site. Delay: INVITE sent by the phone to INVITE received by the provider. */
async function emergencyDelays(
  fleet: Fleet,
): Promise<{ readonly delaysMs: readonly number[]; readonly medianMs: number }> {
  const delaysMs: number[] = [];
  for (let round = 0; round < CALLS; round += 1) {
    const { atA, atB, sentAtEpochMs, status } = await fleet.call(fleet.sites.sites[0], EMERGENCY);
    const [invite] = atB;
    const isGood = status === 200 && atA.length === 0 && invite !== undefined;
    delaysMs.push(isGood ? Math.round((invite.receivedAtEpochMs - sentAtEpochMs) * 10) / 10 : Number.NaN);
  }
  const medianMs = delaysMs.toSorted((one, other) => one - other)[Math.floor(CALLS / 2)] ?? Number.NaN;
  return { delaysMs, medianMs };
}

async function withoutProbe(fleet: Fleet, how: 'SIGSTOP' | 'SIGKILL', aliveMs: number): Promise<void> {
  const { lab, sites } = fleet;
  const startedAtMs = performance.now();
  fleet.probes[0].signal(how);
  const paths = await fleet.waitPaths(`${how}: unknown`, ({ pbx }) => pbx === 'pbx1', 'unknown', UNKNOWN_WITHIN_MS);
  lab.check(`${how}: all its targets become unknown`, paths.length === 3, {
    afterMs: Math.round(performance.now() - startedAtMs),
    reasons: paths.map(({ key, reason }) => `${key}: ${reason}`),
  });
  const { delaysMs, medianMs } = await emergencyDelays(fleet);
  lab.check(
    `${how}: an emergency call is not delayed by more than ${MAX_DELAY_MS} ms`,
    medianMs - aliveMs <= MAX_DELAY_MS,
    {
      aliveMs,
      medianMs,
      delaysMs,
    },
  );
  await fleet.checkCalls(`${how}: calls go`, 'A');
  await nothingMoved(fleet, `${how}: nothing flips`, 5000);
  const others = (await sites.reader.paths()).filter(({ pbx }) => pbx !== 'pbx1');
  lab.check(
    `${how}: the other site's paths are healthy`,
    others.every(({ state }) => state === 'healthy'),
    {
      others: others.map(({ key, state }) => `${key} ${state}`),
    },
  );
}

async function nothingMoved(fleet: Fleet, name: string, forMs: number): Promise<void> {
  const moved = await watchFor(
    async () => {
      const marks = [...(await fleet.downMarks('a')), ...(await fleet.downMarks('b'))];
      const routes = await fleet.routes();
      return [...marks, ...routes].some((text) => text !== undefined) ? { marks, routes } : undefined;
    },
    { forMs, signal: fleet.lab.signal },
  );
  const flips = await fleet.flips();
  const verdicts = await fleet.sites.reader.verdicts();
  fleet.lab.check(name, moved === undefined && flips.length === 0 && verdicts.length === 0, { moved, flips, verdicts });
}

/** The first site's probe is stopped and goes on, then is killed and starts again. */
export const scenario: Scenario = {
  name: 'probe-stopped',
  smoke: true,
  run: async (lab) => {
    const fleet = await Fleet.start(lab);
    const alive = await emergencyDelays(fleet);
    lab.check('emergency calls with the probe alive', Number.isFinite(alive.medianMs), alive);
    await withoutProbe(fleet, 'SIGSTOP', alive.medianMs);
    fleet.probes[0].signal('SIGCONT');
    const onMs = await fleet.waitHealthy();
    await nothingMoved(fleet, 'SIGCONT: its targets are known again and nothing flips', 8000);
    await withoutProbe(fleet, 'SIGKILL', alive.medianMs);
    fleet.startFirstProbe();
    const againMs = await fleet.waitHealthy();
    await nothingMoved(fleet, 'started again: its targets are known again and nothing flips', 5000);
    console.log(`     known again after SIGCONT ${Math.round(onMs)} ms, after the start ${Math.round(againMs)} ms`);
    await fleet.checkMemory();
  },
};
