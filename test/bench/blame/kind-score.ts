import { judgeDirection } from '../../../server/correlate/direction.ts';
import { type Finding, findInWindow } from '../../../server/correlate/finding.ts';
import { buildHypotheses, type HypothesisSpace } from '../../../server/correlate/hypotheses.ts';
import type { EvidenceKind } from '../../../server/correlate/kinds/evidence-kinds.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { Place } from '../../../server/correlate/verdict.ts';
import { fleetRefs, suffers } from '../../server/correlate/loss-simulation.ts';
import { type Random, seeded } from '../../support/seeded.ts';
import { badPaths, smallestCovers } from './boolean-peer.ts';
import { forwardWay } from './direction-score.ts';
import { type ChainOf, type DrawnKind, type DrawnWindow, drawWindow } from './kind-draw.ts';
import { KIND_BACKGROUND, type KindRow } from './kind-rows.ts';
import { chainLog, type LossChain } from './loss-draw.ts';
import { Oracle } from './oracle.ts';
import { note, type Outcomes, outcomes } from './window-score.ts';

const WINDOW_MS = 300_000;

/** One row's outcomes on the same draws; the peers take a path for bad that any kind says is. */
export type KindScore = {
  readonly draws: number;
  readonly ours: Outcomes;
  /** Draws in which a place was suspected and none said to be at fault. */
  readonly suspected: number;
  /** Of the draws in which the place was named alone: the direction that was said. */
  readonly direction: { readonly right: number; readonly unknown: number; readonly wrong: number };
  readonly oracle: Outcomes;
  readonly tomography: Outcomes;
  readonly threshold: Outcomes;
};

/** Plays one row: each draw is one window of five minutes at 3×4 with a mesh, without the second that a verdict waits for. */
export function scoreKinds(row: KindRow, draws: number, seed: number): KindScore {
  const refs = fleetRefs({ sites: 3, providers: 4, hasMesh: true });
  const space = buildHypotheses(refs);
  const oracle = new Oracle(space, {
    background: KIND_BACKGROUND.options,
    fault: KIND_BACKGROUND.options,
    mostFaults: 1,
  });
  const random = seeded(seed);
  const [ours, oracles, tomography, threshold] = [outcomes(), outcomes(), outcomes(), outcomes()];
  const direction = { right: 0, unknown: 0, wrong: 0 };
  let suspected = 0;
  const isFault = Object.keys(row.fault).length > 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const drawnIndex = drawPlace(space, row, random);
    const place = space.hypotheses[drawnIndex]?.place ?? { kind: 'none' };
    const truth = isFault ? [drawnIndex] : [];
    const way = random() < 0.5 ? 'towards' : 'from';
    const window = drawWindow(refs, row.measured, chainsOf(row, place, way), random);
    const sight = { nowMs: WINDOW_MS, space, freshFromMs: new Map<string, number>(), ...window };
    const findings = findInWindow(sight, WINDOW_MS);
    const said = findings.filter(({ certainty }) => certainty !== 'suspect');
    if (said.length === 0 && findings.length > 0) suspected += 1;
    note(
      ours,
      truth,
      said.map((finding) => indicesOf(space, finding)),
    );
    const named = said.find((finding) => finding.certainty === 'named' && placeKey(finding.place) === placeKey(place));
    if (row.isOneWay === true && named) {
      const told = judgeDirection(sight, named.place, named.ownIndices, 0).direction;
      direction[told === way ? 'right' : told === 'unknown' ? 'unknown' : 'wrong'] += 1;
    }
    const sure = oracle.surest(
      window.drawn.map((own) => ratioOf(own, oracleFault(row))),
      countsOf(window, 'options'),
    );
    note(
      oracles,
      truth,
      [...sure].map((group) => space.hypotheses.flatMap((_, at) => (oracle.groupOf(at) === group ? [at] : []))),
    );
    const bad = badInAny(window);
    const [cover, other] = smallestCovers(space, bad, 1);
    note(tomography, truth, cover && !other ? cover.map((each) => [each]) : bad.length > 0 ? [[-1]] : []);
    note(
      threshold,
      truth,
      bad.map((path) => (space.ofPath[path] ?? []).filter((at) => space.hypotheses[at]?.place.kind === 'path')),
    );
  }
  return { draws, ours, suspected, direction, oracle: oracles, tomography, threshold };
}

/** Without a fault the oracle expects one that shows in every kind but the one that is limited. */
function oracleFault({ fault, measured, icmpLimit }: KindRow): KindRow['fault'] {
  if (Object.keys(fault).length > 0) return fault;
  const kinds: readonly EvidenceKind[] = [
    'options',
    ...measured.filter((kind) => kind !== 'icmp' || icmpLimit === undefined),
  ];
  return Object.fromEntries(kinds.map((kind) => [kind, { afterAnswer: 0.05, afterLoss: 0.05 }]));
}

function chainsOf(row: KindRow, place: Place, way: 'towards' | 'from'): ChainOf {
  const of = (kind: EvidenceKind): LossChain | undefined =>
    kind === 'icmp' && row.icmpLimit ? row.icmpLimit : row.fault[kind];
  return (ref, kind, direction) => {
    const isSpared = row.isOneWay === true && (direction === 'forward') !== (way === forwardWay(ref, place));
    return (suffers(ref, place) && !isSpared ? of(kind) : undefined) ?? KIND_BACKGROUND[kind];
  };
}

/** ln of the likelihood under the fault over that of background. One way that loses and one that does not are even for an oracle that is not told which. */
function ratioOf(own: readonly DrawnKind[], fault: KindRow['fault']): number {
  return own.reduce((sum, { counts, kind }) => {
    const chain = fault[kind];
    return chain ? sum + chainLog(counts, chain) - chainLog(counts, KIND_BACKGROUND[kind]) : sum;
  }, 0);
}

function indicesOf({ hypotheses }: HypothesisSpace, { group }: Finding): readonly number[] {
  return hypotheses.flatMap(({ place }, index) => (group.includes(place) ? [index] : []));
}

function countsOf({ drawn }: DrawnWindow, wanted: EvidenceKind) {
  return drawn.map((own) => {
    const found = own.find(({ kind }) => kind === wanted);
    return found?.counts ?? { sent: 0, lost: 0, lossRuns: 0, ended: 0 };
  });
}

function badInAny({ drawn }: DrawnWindow): readonly number[] {
  return drawn.flatMap((own, path) => (badPaths(own.map(({ counts }) => counts)).length > 0 ? [path] : []));
}

function drawPlace({ hypotheses }: HypothesisSpace, { places }: KindRow, random: Random): number {
  const wanted = places[Math.floor(random() * places.length)];
  const fitting = hypotheses.flatMap(({ place }, index) => {
    const isPeer = place.kind === 'path' && place.target.startsWith('peer.');
    const kind = place.kind === 'path' ? (isPeer ? 'peer-path' : 'trunk-path') : place.kind;
    return kind === wanted ? [index] : [];
  });
  return fitting[Math.floor(random() * fitting.length)] ?? 0;
}
