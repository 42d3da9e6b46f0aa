import { readFile } from 'node:fs/promises';
import { findInWindow } from '../../server/correlate/finding.ts';
import { buildHypotheses, type Hypothesis } from '../../server/correlate/hypotheses.ts';
import type { PathEvidence } from '../../server/correlate/path-evidence.ts';
import { placeKey } from '../../server/correlate/places.ts';
import type { Place } from '../../server/correlate/verdict.ts';
import { wilsonInterval } from '../../server/paths/wilson.ts';
import {
  fleetRefs,
  type LossModel,
  type Random,
  type Shape,
  SimulatedPath,
  seeded,
  sightOf,
  suffers,
} from '../server/correlate/loss-simulation.ts';

const DRAWS = 2_000;
const SEED = 20_261;
/** The peer's threshold: a path with more loss than this is bad. */
const BOOLEAN_THRESHOLD_RATIO = 0.03;

type Row = { readonly shape: Shape; readonly faultRatio: number; readonly probes: number; readonly isBursty?: boolean };

const TWO: Shape = { sites: 2, providers: 2, hasMesh: true };
const THREE: Shape = { sites: 3, providers: 4, hasMesh: true };

/** Rows of the reference table, each once more without a fault. */
const ROWS: readonly Row[] = [
  { shape: TWO, faultRatio: 0.1, probes: 60 },
  { shape: TWO, faultRatio: 0.1, probes: 120 },
  { shape: TWO, faultRatio: 0.3, probes: 300 },
  { shape: THREE, faultRatio: 0.05, probes: 120 },
  { shape: THREE, faultRatio: 0.1, probes: 60 },
  { shape: THREE, faultRatio: 0.1, probes: 120 },
  { shape: THREE, faultRatio: 0.3, probes: 30 },
  { shape: THREE, faultRatio: 0.1, probes: 60, isBursty: true },
  { shape: { sites: 2, providers: 2, hasMesh: false }, faultRatio: 0.1, probes: 60 },
];

/** Counts of draws. `group`: the true place stood in an ambiguity group that was reported as such. */
type Score = { right: number; wrong: number; group: number; booleanRight: number; booleanWrong: number };

type Target = { readonly name: string; readonly bound: number; readonly direction: 'at most' | 'at least' };

/**
 * Scores fault localisation on seeded draws: one window each, no second window. Beside it, on the same draws, the peer: a
 * threshold per path and the smallest place that covers all bad paths (Boolean tomography for a single fault).
 */
export async function run(): Promise<void> {
  const metrics: Record<string, number> = {};
  const peers: Record<string, number> = {};
  console.log(`${DRAWS} draws a row, 95 % intervals; right: correct and sure; wrong: another place and sure`);
  for (const row of ROWS) {
    const name = rowName(row);
    const fault = play(row, row.faultRatio);
    const quiet = play(row, 0);
    console.log(
      [
        name.padEnd(34),
        `right ${share(fault.right)}`,
        `group ${share(fault.group)}`,
        `wrong ${share(fault.wrong)}`,
        `false ${share(quiet.wrong)}`,
        `| boolean right ${share(fault.booleanRight)}`,
        `wrong ${share(fault.booleanWrong)}`,
        `false ${share(quiet.booleanWrong)}`,
      ].join('  '),
    );
    metrics[`${name} right`] = fault.right / DRAWS;
    metrics[`${name} wrong`] = fault.wrong / DRAWS;
    metrics[`${name} false`] = quiet.wrong / DRAWS;
    peers[`boolean: ${name} right`] = fault.booleanRight / DRAWS;
    peers[`boolean: ${name} wrong`] = fault.booleanWrong / DRAWS;
    peers[`boolean: ${name} false`] = quiet.booleanWrong / DRAWS;
  }
  const targets = (await readTargets()).map(({ name, bound, direction }) => {
    const value = metrics[name] ?? null;
    const holds = value !== null && (direction === 'at most' ? value <= bound : value >= bound);
    return { name, value, bound, holds };
  });
  console.log(JSON.stringify({ bench: 'blame', metrics, peers, targets }));
}

function play(row: Row, faultRatio: number): Score {
  const refs = fleetRefs(row.shape);
  const { hypotheses } = buildHypotheses(refs);
  const random = seeded(SEED);
  const background: LossModel = row.isBursty
    ? { kind: 'bursty', ratio: 0.005, meanBurst: 4 }
    : { kind: 'independent', ratio: 0.002 };
  const score: Score = { right: 0, wrong: 0, group: 0, booleanRight: 0, booleanWrong: 0 };
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const truth = faultRatio > 0 ? drawPlace(hypotheses, random) : undefined;
    const paths = refs.map((ref) => {
      const path = new SimulatedPath(ref, random);
      const isSuffering = truth !== undefined && suffers(ref, truth);
      const model: LossModel = isSuffering ? { kind: 'independent', ratio: faultRatio } : background;
      for (let second = 0; second < row.probes; second += 1) path.attempt(second * 1000, model);
      return path.evidence();
    });
    judge(paths, hypotheses, truth && placeKey(truth), row.probes * 1000, score);
  }
  return score;
}

function judge(
  paths: readonly PathEvidence[],
  hypotheses: readonly Hypothesis[],
  truth: string | undefined,
  windowMs: number,
  score: Score,
): void {
  const finding = findInWindow(sightOf(paths, windowMs), windowMs);
  if (finding?.certainty === 'named') score[placeKey(finding.place) === truth ? 'right' : 'wrong'] += 1;
  if (finding?.certainty === 'ambiguous') {
    score[finding.group.some((place) => placeKey(place) === truth) ? 'group' : 'wrong'] += 1;
  }
  const bool = smallestCover(paths, hypotheses);
  if (bool.length > 0) score[bool.length === 1 && bool[0] === truth ? 'booleanRight' : 'booleanWrong'] += 1;
}

/** Places with the fewest paths among those that cover all bad paths; empty when no path is bad or no place covers them. */
function smallestCover(paths: readonly PathEvidence[], hypotheses: readonly Hypothesis[]): readonly string[] {
  const bad = paths.flatMap(({ countsSince }, index) => {
    const { sent, lost } = countsSince(0);
    return lost > sent * BOOLEAN_THRESHOLD_RATIO ? [index] : [];
  });
  if (bad.length === 0) return [];
  const covers = hypotheses.filter(
    ({ place, pathIndices }) => place.kind !== 'probe' && bad.every((index) => pathIndices.includes(index)),
  );
  const fewest = Math.min(...covers.map(({ pathIndices }) => pathIndices.length));
  return covers.filter(({ pathIndices }) => pathIndices.length === fewest).map(({ place }) => placeKey(place));
}

function drawPlace(hypotheses: readonly Hypothesis[], random: Random): Place {
  const kind = (['site', 'provider', 'path'] as const)[Math.floor(random() * 3)];
  const ofKind = hypotheses.filter(({ place }) => place.kind === kind);
  return ofKind[Math.floor(random() * ofKind.length)]?.place ?? { kind: 'none' };
}

function rowName({ shape, faultRatio, probes, isBursty }: Row): string {
  const mesh = shape.hasMesh ? ' mesh' : '';
  return `${shape.sites}x${shape.providers}${mesh} ${faultRatio * 100}% n=${probes}${isBursty ? ' bursty' : ''}`;
}

function share(count: number): string {
  const { lowRatio, highRatio } = wilsonInterval({ sent: DRAWS, lost: count });
  const [value, low, high] = [count / DRAWS, lowRatio, highRatio].map((ratio) => (ratio * 100).toFixed(1));
  return `${value} [${low}, ${high}] %`;
}

async function readTargets(): Promise<readonly Target[]> {
  const text = await readFile(new URL('../../docs/targets.json', import.meta.url), 'utf8');
  const { blame } = JSON.parse(text) as { readonly blame?: readonly Target[] };
  return blame ?? [];
}
