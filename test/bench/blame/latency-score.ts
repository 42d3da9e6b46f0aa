import { buildHypotheses } from '../../../server/correlate/hypotheses.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { Place } from '../../../server/correlate/verdict.ts';
import type { PathRef } from '../../../server/paths/path-health.ts';
import { type QueueRange, RttFleet, SCATTERING_QUEUES } from '../../server/correlate/latency/rtt-simulation.ts';
import { fleetRefs, type Shape, suffers } from '../../server/correlate/loss-simulation.ts';
import { type Random, seeded } from '../../support/seeded.ts';
import { type BurstPlan, RttBursts } from './rtt-bursts.ts';

/** One line of the table: how much longer round trips become at a place drawn evenly from site, provider and path. */
export type LatencyRow = {
  readonly name: string;
  readonly shape: Shape;
  readonly faults: 1 | 2;
  readonly addedMs: number;
  /** What single paths do by themselves. */
  readonly bursts?: BurstPlan;
  /** How much each path scatters by itself; as between data centres when absent. */
  readonly queues?: QueueRange;
  readonly isSmoke: boolean;
};

/** Draws of one row. `right`: just the places at fault stood named; `wrong`: another was named at any time. */
export type LatencyScore = {
  readonly draws: number;
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
  /** The rule that judges each path by itself, on the same draws. */
  readonly threshold: { readonly right: number; readonly wrong: number };
  /** From the start of the fault to the last of its places named, by kind of the place; of single faults. */
  readonly secondsOf: ReadonlyMap<Place['kind'], readonly number[]>;
};

const MESHED: Shape = { sites: 3, providers: 4, hasMesh: true };

const SMALL: Shape = { sites: 2, providers: 2, hasMesh: true };
/** A burst of 15 s each half hour on each path. */
const BURSTS: BurstPlan = { everyS: 1800, meanS: 15 };

/** Rows with a fault, in the order of the table. */
export const LATENCY_ROWS: readonly LatencyRow[] = [
  { name: 'latency 3x4 mesh single +30 ms', shape: MESHED, faults: 1, addedMs: 30, isSmoke: true },
  { name: 'latency 3x4 mesh single +15 ms', shape: MESHED, faults: 1, addedMs: 15, isSmoke: false },
  {
    name: 'latency 3x4 mesh single +30 ms in bursty background',
    shape: MESHED,
    faults: 1,
    addedMs: 30,
    bursts: BURSTS,
    isSmoke: false,
  },
  {
    name: 'latency 3x4 mesh single +30 ms on scattering paths',
    shape: MESHED,
    faults: 1,
    addedMs: 30,
    queues: SCATTERING_QUEUES,
    isSmoke: false,
  },
  { name: 'latency 3x4 mesh double +30 ms', shape: MESHED, faults: 2, addedMs: 30, isSmoke: false },
  { name: 'latency 2x2 mesh single +30 ms', shape: SMALL, faults: 1, addedMs: 30, isSmoke: false },
];

const LEARN_S = 60;
/** A draw is over when all places stand named, at the latest after so long. */
const LONGEST_S = 600;
/** A pass each second for the first minute, then one in so many. */
const LATE_EVERY_S = 5;
/** The per-path rule: the mean of the last minute lies this much above that of the minute before the fault. */
const THRESHOLD_MS = 10;
const THRESHOLD_S = 60;

/** Plays one row through the correlate stage, second windows included, one round trip a second on each path. */
export function scoreLatency(row: LatencyRow, draws: number, seed: number): LatencyScore {
  const refs = fleetRefs(row.shape);
  const { hypotheses } = buildHypotheses(refs);
  const random = seeded(seed);
  const secondsOf = new Map<Place['kind'], number[]>();
  const counts = { right: 0, wrong: 0, missed: 0 };
  const threshold = { right: 0, wrong: 0 };
  for (let draw = 0; draw < draws; draw += 1) {
    const truth = drawPlaces(
      hypotheses.map(({ place }) => place),
      row.faults,
      random,
    );
    const played = play(refs, truth, row, random);
    if (played.isWrong) counts.wrong += 1;
    else if (played.atS === undefined) counts.missed += 1;
    else {
      counts.right += 1;
      const [only] = truth;
      if (only && truth.length === 1) secondsOf.set(only.kind, [...(secondsOf.get(only.kind) ?? []), played.atS]);
    }
    const accused = played.slowPaths.map((index) => pathPlaceOf(refs, index));
    const isWrong = accused.some((key) => !truth.some((place) => placeKey(place) === key));
    if (isWrong) threshold.wrong += 1;
    else if (truth.every((place) => accused.includes(placeKey(place)))) threshold.right += 1;
  }
  for (const seconds of secondsOf.values()) seconds.sort((one, other) => one - other);
  return { draws, ...counts, threshold, secondsOf };
}

function play(
  refs: readonly PathRef[],
  truth: readonly Place[],
  { addedMs, bursts: plan, queues }: LatencyRow,
  random: Random,
) {
  const bursts = new RttBursts(refs, plan, random);
  const fleet = new RttFleet(refs, random, queues);
  const faultsOn = refs.map((ref) => truth.filter((place) => suffers(ref, place)).length);
  const before = refs.map(() => 0);
  const after = refs.map(() => 0);
  const wanted = new Set(truth.map(placeKey));
  for (let atS = -LEARN_S; atS < 0; atS += 1) {
    fleet.second(() => 0);
    fleet.latest.forEach((rttMs, index) => {
      before[index] = (before[index] ?? 0) + rttMs / LEARN_S;
    });
  }
  let atS: number | undefined;
  let isWrong = false;
  for (let second = 0; second < LONGEST_S; second += 1) {
    bursts.second(second);
    fleet.second((_, index) => addedMs * (faultsOn[index] ?? 0) + bursts.addedMs(index, second));
    if (second < THRESHOLD_S) {
      fleet.latest.forEach((rttMs, index) => {
        after[index] = (after[index] ?? 0) + rttMs / THRESHOLD_S;
      });
    }
    if (second > THRESHOLD_S && second % LATE_EVERY_S !== 0) continue;
    const named = fleet.pass().open.filter(({ certainty }) => certainty === 'named');
    isWrong ||= named.some(({ place }) => !wanted.has(placeKey(place)));
    const isDone = isWrong || new Set(named.map(({ place }) => placeKey(place))).size === wanted.size;
    if (isDone && atS === undefined && !isWrong) atS = second + 1;
    if (isDone && second + 1 >= THRESHOLD_S) break;
  }
  const slowPaths = [...refs.keys()].filter((index) => (after[index] ?? 0) - (before[index] ?? 0) > THRESHOLD_MS);
  return { atS, isWrong, slowPaths };
}

function pathPlaceOf(refs: readonly PathRef[], index: number): string {
  const ref = refs[index];
  if (ref === undefined) return '';
  if (ref.end.kind === 'peer' && ref.end.pbx < ref.pbx) return `path-${ref.end.pbx}-peer.${ref.pbx}`;
  return `path-${ref.pbx}-${ref.target}`;
}

/** Different places, the kind of each drawn evenly from site, provider and path. */
function drawPlaces(places: readonly Place[], count: number, random: Random): readonly Place[] {
  const drawn: Place[] = [];
  while (drawn.length < count) {
    const kind = (['site', 'provider', 'path'] as const)[Math.floor(random() * 3)];
    const ofKind = places.filter((place) => place.kind === kind);
    const place = ofKind[Math.floor(random() * ofKind.length)];
    if (place && !drawn.includes(place)) drawn.push(place);
  }
  return drawn;
}
