import { readFile } from 'node:fs/promises';
import type { Place } from '../../server/correlate/verdict.ts';
import { wilsonInterval } from '../../server/paths/wilson.ts';
import { scoreDirections } from './blame/direction-score.ts';
import { reportKinds } from './blame/kind-report.ts';
import { reportLatency } from './blame/latency-report.ts';
import { lossChain } from './blame/loss-draw.ts';
import { playQuiet } from './blame/quiet-runner.ts';
import { ROWS } from './blame/rows.ts';
import { quantile, timeToVerdict } from './blame/time-score.ts';
import { type Outcomes, type RowScore, scoreRow } from './blame/window-score.ts';

const DRAWS = 10_000;
const SMOKE_DRAWS = 2_000;
const SMOKE_KIND_DRAWS = 200;
const SEED = 20_261;

/** Faults that are timed from their start to their name, and how many draws of each. */
const TIMED_DRAWS = 200;
const SMOKE_TIMED_DRAWS = 5;
const TIMED: readonly (readonly [Place, number])[] = [1, 0.3, 0.1].flatMap((ratio) =>
  (
    [
      { kind: 'provider', provider: 'telco-a' },
      { kind: 'site', site: 's1' },
      { kind: 'path', pbx: 's1-1', target: 'a.e1' },
    ] as const
  ).map((place) => [place, ratio] as const),
);

/** Days without a fault: 0.2 % of attempts lost by themselves, and a quarter of a day of 0.5 % in bursts. */
const QUIETS = [
  { days: 30, words: '', chain: lossChain(0.002) },
  { days: 0.25, words: ' in bursty background', chain: lossChain(0.005, 4) },
] as const;
const SMOKE_QUIET_DAYS = 0.1;

type Target = { readonly name: string; readonly bound: number; readonly direction: 'at most' | 'at least' };

/** The last line of the bench. */
export type BlameReport = {
  readonly bench: 'blame';
  readonly metrics: Readonly<Record<string, number>>;
  readonly peers: Readonly<Record<string, number>>;
  readonly targets: readonly (Target & { readonly value: number | null; readonly holds: boolean })[];
};

/**
 * Scores fault localisation on seeded draws whose truth is known. Beside each row, on the same draws: the oracle that knows the
 * rates (the bound), Boolean tomography and the threshold per path.
 *
 * @param isSmoke - few rows and few draws; targets of rows that were not played are left out.
 */
export async function run({ isSmoke }: { readonly isSmoke: boolean } = { isSmoke: false }): Promise<void> {
  const report = await blameReport(isSmoke, console.log);
  console.log(JSON.stringify(report));
}

/** The same, with its table told to `say` line by line. */
export async function blameReport(isSmoke: boolean, say: (line: string) => void): Promise<BlameReport> {
  const draws = isSmoke ? SMOKE_DRAWS : DRAWS;
  const metrics: Record<string, number> = {};
  const peers: Record<string, number> = {};
  say(
    `${draws} draws a row, percent with 95 % intervals; right: just the places at fault, at 0.95; wrong: another one at 0.95`,
  );
  for (const row of ROWS.filter((each) => each.isSmoke || !isSmoke)) {
    const score = scoreRow(row, draws, SEED);
    say(tableLine(row.name, row.faults, score));
    const isFault = row.faults > 0;
    for (const [peer, outcomes] of [
      ['oracle', score.oracle],
      ['tomography', score.tomography],
      ['threshold', score.threshold],
    ] as const) {
      if (isFault) peers[`${peer}: ${row.name} right`] = outcomes.right / draws;
      peers[`${peer}: ${row.name} ${isFault ? 'wrong' : 'false'}`] = outcomes.wrong / draws;
    }
    metrics[`${row.name} ${isFault ? 'wrong' : 'false'}`] = score.ours.wrong / draws;
    if (!isFault) continue;
    metrics[`${row.name} right`] = score.ours.right / draws;
    if (score.ours.group > 0) metrics[`${row.name} group`] = score.ours.group / draws;
    if (score.oracle.right > 0) metrics[`${row.name} right of the oracle`] = score.ours.right / score.oracle.right;
  }
  for (const [words, fault] of [
    ['10%', lossChain(0.1)],
    ['5%', lossChain(0.05)],
    ['10% in bursts', lossChain(0.1, 4)],
  ] as const) {
    const name = `3x4 mesh one direction ${words} n=60`;
    const { right, unknown, wrong } = scoreDirections(fault, draws, SEED);
    say(
      `${name.padEnd(48)}  place named and direction right ${share(right, draws)} unknown ${share(unknown, draws)} ` +
        `wrong ${share(wrong, draws)}`,
    );
    metrics[`${name} right`] = right / draws;
    metrics[`${name} wrong`] = wrong / draws;
  }
  for (const [place, ratio] of TIMED) {
    const name = `3x4 mesh time to verdict ${place.kind} ${ratio * 100}%`;
    const timed = isSmoke ? SMOKE_TIMED_DRAWS : TIMED_DRAWS;
    const { missed, seconds, wrongFirst } = timeToVerdict(place, ratio, timed, SEED);
    const [p50, p95, longest] = [quantile(seconds, 0.5), quantile(seconds, 0.95), quantile(seconds, 1)];
    say(
      `${name.padEnd(48)}  ${timed} draws: median ${p50} s, 95 % within ${p95} s, longest ${longest} s, ` +
        `not in 300 s ${missed}, another place first ${wrongFirst}`,
    );
    if (seconds.length > 0) metrics[`${name} median seconds`] = p50;
    metrics[`${name} wrong first`] = wrongFirst / timed;
  }
  for (const { chain, days, words } of QUIETS) {
    const name = `${days} quiet days${words}`;
    const quiet = await playQuiet(isSmoke ? SMOKE_QUIET_DAYS : days, chain, SEED);
    say(
      `${name.padEnd(48)}  ${quiet.paths} paths at 1/s, ${quiet.attempts} attempts: ` +
        `${quiet.named.length} named verdicts${quiet.named.length > 0 ? ` (${quiet.named.join(', ')})` : ''}, ` +
        `${quiet.suspected} suspicions, ${quiet.verdictGrounds} s in which a verdict would move calls, ` +
        `${quiet.hardDowns} paths hard-down by chance`,
    );
    if (isSmoke) continue;
    metrics[`${name} named verdicts`] = quiet.named.length;
    metrics[`${name} suspicions`] = quiet.suspected;
    metrics[`${name} flips`] = quiet.hardDowns + quiet.verdictGrounds;
  }
  const kinds = reportKinds({ draws: isSmoke ? SMOKE_KIND_DRAWS : draws, isSmoke, seed: SEED }, say);
  Object.assign(metrics, kinds.metrics);
  Object.assign(peers, kinds.peers);
  const latency = reportLatency(isSmoke, SEED, say);
  Object.assign(metrics, latency.metrics);
  Object.assign(peers, latency.peers);
  const targets = (await readTargets())
    .filter(({ name }) => !isSmoke || name in metrics)
    .map((target) => {
      const value = metrics[target.name] ?? null;
      const { bound, direction } = target;
      const holds = value !== null && (direction === 'at most' ? value <= bound : value >= bound);
      return { ...target, value, holds };
    });
  return { bench: 'blame', metrics, peers, targets };
}

function tableLine(name: string, faults: number, { draws, ours, oracle, tomography, threshold }: RowScore): string {
  const show = (count: number) => share(count, draws);
  const told = ({ right, group, wrong }: Outcomes) =>
    faults === 0
      ? `false ${show(wrong)}`
      : `right ${show(right)}${group > 0 ? ` group ${show(group)}` : ''} wrong ${show(wrong)}`;
  return [
    name.padEnd(48),
    told(ours),
    `| oracle ${told(oracle)}`,
    `| tomography ${told(tomography)}`,
    `| threshold ${told(threshold)}`,
  ].join('  ');
}

function share(count: number, draws: number): string {
  const { lowRatio, highRatio } = wilsonInterval({ sent: draws, lost: count });
  const [value, low, high] = [count / draws, lowRatio, highRatio].map((ratio) => (ratio * 100).toFixed(2));
  return `${value} [${low}, ${high}]`;
}

async function readTargets(): Promise<readonly Target[]> {
  const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
  const { blame } = JSON.parse(text) as { readonly blame?: readonly Target[] };
  return blame ?? [];
}
