import { setTimeout as delay } from 'node:timers/promises';
import type { Pace } from '../../lab/program-config.ts';
import { PROMISED_PACE } from '../../lab/program-config.ts';
import { seeded } from '../../support/seeded.ts';
import { callOn } from './call-load.ts';
import { HoleFleet, type SiteTimes } from './hole-fleet.ts';
import { maxOf, type Part, type PartResult } from './part.ts';
import { spread } from './spread.ts';

const SEED = 20_263;
/** One OPTIONS in ten seconds, as a careful provider allows, and nothing else but confirmations. */
const SLOW_PACE: Pace = { optionsIntervalMs: 10_000, lossMeanMs: 0, budgetPerMinute: 120 };

async function holes(part: HoleFleet, runs: number, patienceMs: number): Promise<readonly (readonly SiteTimes[])[]> {
  const { lab, sites } = part.fleet;
  const random = seeded(SEED);
  const all: (readonly SiteTimes[])[] = [];
  for (let round = 1; round <= runs; round += 1) {
    await delay(random() * 1000);
    const startedAtEpochMs = Date.now();
    const hole = await lab.network.loss.dropAt(sites.a.host.addresses[0], 100);
    const times = await part.watchAway(startedAtEpochMs, patienceMs);
    for (const rule of hole) await rule.remove();
    all.push(times);
    console.log(`run ${round}: ${JSON.stringify(times)}`);
    if (round < runs) await part.waitBack();
  }
  return all;
}

function holePart(settings: {
  readonly name: string;
  readonly pace: Pace;
  readonly target: string;
  readonly patienceMs: number;
  readonly warmUpMs: number;
  readonly hasCalls?: boolean;
}): Part {
  const { name, pace, patienceMs, target, warmUpMs } = settings;
  const run: Part['run'] = async (lab, runs): Promise<PartResult> => {
    const part = await HoleFleet.start(lab, pace);
    await part.warmUp(warmUpMs);
    const calls = settings.hasCalls === true ? callOn(part) : undefined;
    if (calls) await delay(5000);
    const all = (await holes(part, runs, patienceMs)).flat();
    const traffic = await calls?.stop();
    for (const { pbx, sentence } of await part.fleet.flips()) console.log(`flip on ${pbx}: ${sentence}`);
    const of = (pick: (times: SiteTimes) => number | null) => all.flatMap((times) => pick(times) ?? []);
    const flipped = of(({ flippedMs }) => flippedMs);
    const metrics = {
      detected: spread(of(({ detectedMs }) => detectedMs)),
      ownMark: spread(of(({ markedMs }) => markedMs)),
      flipped: spread(flipped),
      firstCall: spread(of(({ calledMs }) => calledMs)),
      ...(traffic !== undefined && { traffic }),
    };
    const isWhole = flipped.length === 2 * runs;
    return { metrics: { [name]: metrics }, values: { [target]: isWhole ? maxOf(runs, flipped) : null } };
  };
  return { name, targets: [target], run };
}

/** Provider A drops everything, at two paces, and with a call a second at each PBX. */
export const holeParts: readonly Part[] = [
  holePart({
    name: 'hole-1s',
    pace: PROMISED_PACE,
    target: 'black hole at 1 s probing to AstDB read back, max of 10 runs',
    patienceMs: 15_000,
    warmUpMs: 110_000,
  }),
  holePart({
    name: 'hole-traffic',
    pace: PROMISED_PACE,
    target: 'black hole under a call a second to AstDB read back, max of 10 runs',
    patienceMs: 15_000,
    warmUpMs: 30_000,
    hasCalls: true,
  }),
  holePart({
    name: 'hole-10s',
    pace: SLOW_PACE,
    target: 'black hole at 10 s probing to AstDB read back, max of 10 runs',
    patienceMs: 40_000,
    warmUpMs: 30_000,
  }),
];
