import { correlate, NOTHING_CORRELATED } from '../../../server/correlate/correlate.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { Place } from '../../../server/correlate/verdict.ts';
import { fleetRefs, type LossModel, SimulatedPath, suffers } from '../../server/correlate/loss-simulation.ts';
import { seeded } from '../../support/seeded.ts';

const QUIET: LossModel = { kind: 'independent', ratio: 0.002 };
const BEFORE_S = 90;
const LONGEST_S = 300;

/** Seconds from the start of a fault to its name, sorted; `wrongFirst`: another place was named before, or instead. */
export type TimeScore = { readonly seconds: readonly number[]; readonly missed: number; readonly wrongFirst: number };

/** Plays faults second by second through the correlate stage, confirmation included, at 3×4 with a mesh and 1 s probing. */
export function timeToVerdict(place: Place, ratio: number, draws: number, seed: number): TimeScore {
  const refs = fleetRefs({ sites: 3, providers: 4, hasMesh: true });
  const random = seeded(seed);
  const seconds: number[] = [];
  let wrongFirst = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const paths = refs.map((ref) => new SimulatedPath(ref, random));
    let state = NOTHING_CORRELATED;
    let isWrong = false;
    for (let atS = -BEFORE_S; atS < LONGEST_S; atS += 1) {
      const nowMs = 1_000_000 + (atS + BEFORE_S) * 1000;
      for (const path of paths) {
        path.attempt(nowMs, atS >= 0 && suffers(path.ref, place) ? { kind: 'independent', ratio } : QUIET);
      }
      const pass = correlate(state, { paths: paths.map((path) => path.evidence()), nowMs: nowMs + 500 });
      state = pass.state;
      const named = pass.open
        .filter(({ certainty }) => certainty === 'named')
        .map((verdict) => placeKey(verdict.place));
      isWrong ||= named.some((key) => key !== placeKey(place));
      if (!named.includes(placeKey(place))) continue;
      seconds.push(atS + 1);
      break;
    }
    if (isWrong) wrongFirst += 1;
  }
  return { seconds: seconds.toSorted((one, other) => one - other), missed: draws - seconds.length, wrongFirst };
}

/** The value below which a share of sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
