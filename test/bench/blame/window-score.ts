import { findInWindow } from '../../../server/correlate/finding.ts';
import { buildHypotheses, type HypothesisSpace } from '../../../server/correlate/hypotheses.ts';
import { fixedEvidence, fleetRefs, suffers } from '../../server/correlate/loss-simulation.ts';
import { type Random, seeded } from '../../support/seeded.ts';
import { badPaths, smallestCovers } from './boolean-peer.ts';
import { combined, type DrawnCounts, drawCounts } from './loss-draw.ts';
import { Oracle } from './oracle.ts';
import type { Row } from './rows.ts';

/**
 * Counts of draws. `right`: just the places at fault were named, or, with `group`, some of them only as one of an ambiguity
 * group that holds them. `wrong`: another place was said with 0.95; without a fault that is false blame.
 */
export type Outcomes = { right: number; group: number; wrong: number };

/** One row's outcomes on the same draws: ours, the oracle's, Boolean tomography's and the per-path rule's. */
export type RowScore = {
  readonly draws: number;
  readonly ours: Outcomes;
  readonly oracle: Outcomes;
  readonly tomography: Outcomes;
  readonly threshold: Outcomes;
};

/** Plays one row: each draw is one window, without the second window that a verdict waits for. */
export function scoreRow(row: Row, draws: number, seed: number): RowScore {
  const refs = fleetRefs(row.shape);
  const space = buildHypotheses(refs);
  const mostFaults = row.faults === 2 ? 2 : 1;
  const oracle = new Oracle(space, { background: row.background, fault: faultOf(row), mostFaults });
  const random = seeded(seed);
  const score = { draws, ours: outcomes(), oracle: outcomes(), tomography: outcomes(), threshold: outcomes() };
  for (let draw = 0; draw < draws; draw += 1) {
    const truth = drawPlaces(space, row.faults, random);
    const counts = refs.map((ref) => {
      const faults = truth.filter((index) => suffers(ref, space.hypotheses[index]?.place ?? { kind: 'none' })).length;
      return drawCounts(row.probes, faults === 0 ? row.background : combined(row.fault, faults), random);
    });
    note(score.ours, truth, ourAnswers(space, counts, row.probes));
    const sure = [...oracle.sure(counts)].map((group) =>
      space.hypotheses.flatMap((_, index) => (oracle.groupOf(index) === group ? [index] : [])),
    );
    note(score.oracle, truth, sure);
    const bad = badPaths(counts);
    const [cover, other] = smallestCovers(space, bad, mostFaults);
    const isOne = cover !== undefined && other === undefined;
    note(score.tomography, truth, isOne ? cover.map((place) => [place]) : bad.length > 0 ? [[-1]] : []);
    note(
      score.threshold,
      truth,
      bad.map((path) => space.ofPath[path]?.filter((each) => isPath(space, each)) ?? []),
    );
  }
  return score;
}

function faultOf({ faults, fault, background }: Row) {
  return faults === 0 ? { afterAnswer: 0.1, afterLoss: Math.max(0.1, background.afterLoss) } : fault;
}

function ourAnswers(space: HypothesisSpace, counts: readonly DrawnCounts[], probes: number): readonly number[][] {
  const windowMs = probes * 1000;
  const paths = counts.map((count, index) => {
    const ref = space.refs[index];
    if (ref === undefined) throw new Error(`no path ${index}`);
    return fixedEvidence(ref, count);
  });
  const findings = findInWindow({ nowMs: windowMs, space, paths, freshFromMs: new Map() }, windowMs);
  return findings
    .filter(({ certainty }) => certainty !== 'suspect')
    .map(({ group }) => space.hypotheses.flatMap(({ place }, index) => (group.includes(place) ? [index] : [])));
}

/**
 * Scores one draw.
 *
 * @param answers - groups of places, each said to hold one that is at fault.
 */
export function note(score: Outcomes, truth: readonly number[], answers: readonly (readonly number[])[]): void {
  const isWrong = answers.some((group) => !group.some((place) => truth.includes(place)));
  if (isWrong) score.wrong += 1;
  else if (truth.length > 0 && truth.every((place) => answers.some((group) => group.includes(place)))) {
    score[answers.every((group) => group.length === 1) ? 'right' : 'group'] += 1;
  }
}

function isPath(space: HypothesisSpace, hypothesis: number): boolean {
  return space.hypotheses[hypothesis]?.place.kind === 'path';
}

/** Different places, the kind of each drawn evenly from site, provider and path. */
function drawPlaces({ hypotheses }: HypothesisSpace, count: number, random: Random): readonly number[] {
  const drawn: number[] = [];
  while (drawn.length < count) {
    const kind = (['site', 'provider', 'path'] as const)[Math.floor(random() * 3)];
    const ofKind = hypotheses.flatMap(({ place }, index) => (place.kind === kind ? [index] : []));
    const place = ofKind[Math.floor(random() * ofKind.length)];
    if (place !== undefined && !drawn.includes(place)) drawn.push(place);
  }
  return drawn;
}

/** Nothing scored yet. */
export function outcomes(): Outcomes {
  return { right: 0, group: 0, wrong: 0 };
}
