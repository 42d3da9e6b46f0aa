import { judgeDirection } from '../../../server/correlate/direction.ts';
import { findInWindow } from '../../../server/correlate/finding.ts';
import { buildHypotheses } from '../../../server/correlate/hypotheses.ts';
import { placeKey } from '../../../server/correlate/places.ts';
import type { MediaCounts } from '../../../server/correlate/sight.ts';
import type { Place } from '../../../server/correlate/verdict.ts';
import type { PathRef } from '../../../server/paths/path-health.ts';
import { fixedEvidence, fleetRefs, suffers } from '../../server/correlate/loss-simulation.ts';
import { type Random, seeded } from '../../support/seeded.ts';
import { drawCounts, type LossChain, lossChain } from './loss-draw.ts';

/** Media of one path and way: so many reports of so many packets. */
const REPORTS = 5;
const PACKETS = 500;
const PROBES = 60;
const QUIET = lossChain(0.002);

/** Counts of draws in which one place lost one way. */
export type DirectionScore = {
  /** The place was named, and it lost this way. */
  readonly right: number;
  /** The place was named without a direction. */
  readonly unknown: number;
  /** It was said to lose the other way, or both. */
  readonly wrong: number;
};

/** Plays faults that drop packets one way at 3×4 with a mesh: OPTIONS loses its round trip, media that way alone. */
export function scoreDirections(fault: LossChain, draws: number, seed: number): DirectionScore {
  const refs = fleetRefs({ sites: 3, providers: 4, hasMesh: true });
  const space = buildHypotheses(refs);
  const random = seeded(seed);
  const places = space.hypotheses.map(({ place }) => place).filter(({ kind }) => kind !== 'probe');
  let right = 0;
  let unknown = 0;
  let wrong = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const truth = places[Math.floor(random() * places.length)] ?? { kind: 'none' };
    const way = random() < 0.5 ? 'towards' : 'from';
    const paths = refs.map((ref) =>
      fixedEvidence(ref, drawCounts(PROBES, suffers(ref, truth) ? fault : QUIET, random)),
    );
    const mediaCounts = drawMedia(refs, { place: truth, way, fault }, random);
    const windowMs = PROBES * 1000;
    const sight = { nowMs: windowMs, space, paths, freshFromMs: new Map<string, number>(), mediaCounts };
    const named = findInWindow(sight, windowMs).find(
      ({ certainty, place }) => certainty === 'named' && placeKey(place) === placeKey(truth),
    );
    if (!named) continue;
    const { direction } = judgeDirection(sight, named.place, named.ownIndices, 0);
    if (direction === way) right += 1;
    else if (direction === 'unknown') unknown += 1;
    else wrong += 1;
  }
  return { right, unknown, wrong };
}

type OneWay = { readonly place: Place; readonly way: 'towards' | 'from'; readonly fault: LossChain };

function drawMedia(refs: readonly PathRef[], { place, way, fault }: OneWay, random: Random): MediaCounts {
  const counted = new Map<string, ReturnType<MediaCounts>>();
  for (const ref of refs) {
    const key = ref.end.kind === 'peer' ? ref.key : `${ref.pbx}>${ref.end.trunk}`;
    for (const direction of ['forward', 'reverse'] as const) {
      const isLossy = suffers(ref, place) && (direction === 'forward') === (way === forwardWay(ref, place));
      counted.set(`${key} ${direction}`, drawReports(isLossy ? fault : QUIET, random));
    }
  }
  return (key, direction) => counted.get(`${key} ${direction}`);
}

/** Which way leaves the path's PBX; written apart from the code under test. */
export function forwardWay({ pbx, site }: PathRef, place: Place): 'towards' | 'from' {
  const isOwn = (place.kind === 'site' && place.site === site) || (place.kind === 'path' && place.pbx !== pbx);
  return isOwn ? 'from' : 'towards';
}

function drawReports(chain: LossChain, random: Random) {
  let lost = 0;
  let lostSquares = 0;
  for (let report = 0; report < REPORTS; report += 1) {
    const own = drawCounts(PACKETS, chain, random).lost;
    lost += own;
    lostSquares += (own * own) / PACKETS;
  }
  return { sent: REPORTS * PACKETS, lost, intervals: REPORTS, lostSquares };
}
