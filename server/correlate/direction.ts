import type { PathRef } from '../paths/path-health.ts';
import { pathKey } from '../paths/path-key.ts';
import { type SpreadCount, spreadInterval } from '../paths/quality/spread-loss.ts';
import type { Sight } from './sight.ts';
import type { DirectedCount, DirectionEvidence, Place } from './verdict.ts';

/** Lower bound of the interval from which one way counts as lossy; the other is clean when its upper bound is below half of it. */
const LOSSY_RATIO = 0.01;
/** Fewest packets each way. */
const MIN_PACKETS = 200;
/** Most paths of a place that are asked, evenly spread over it. */
const MAX_PATHS = 200;

/** One way of the packets, as seen from a place: `towards` it or `from` it; for a path, towards its target. */
export type Way = 'towards' | 'from';

/**
 * Tells the direction of loss at a place from what is counted one way: the RTP mesh on paths to peers, RTCP of calls at trunks.
 * OPTIONS and ICMP are round trips and have no part in it.
 *
 * @param pathIndices - paths of the place that no other fault accounts for.
 * @param sinceMs - hub time; media are counted in whole minutes.
 * @returns `unknown` where one way has too few packets or neither is clearly lossy, with the counts where there are any.
 */
export function judgeDirection(
  sight: Sight,
  place: Place,
  pathIndices: readonly number[],
  sinceMs: number,
): DirectionEvidence {
  const sums = { towards: new MediaSum(), from: new MediaSum() };
  const step = Math.max(1, Math.ceil(pathIndices.length / MAX_PATHS));
  for (let at = 0; at < pathIndices.length; at += step) {
    const ref = sight.space.refs[pathIndices[at] ?? 0];
    const forward = ref && forwardWay(place, ref);
    if (ref === undefined || forward === undefined) continue;
    const key = ref.end.kind === 'peer' ? ref.key : pathKey(ref.pbx, ref.end.trunk);
    sums[forward].add(`${key} forward`, sight.mediaCounts?.(key, 'forward', sinceMs));
    sums[opposite(forward)].add(`${key} reverse`, sight.mediaCounts?.(key, 'reverse', sinceMs));
  }
  const towards = sums.towards.counted();
  const from = sums.from.counted();
  if (towards === undefined || from === undefined) return { direction: 'unknown' };
  return { direction: directionOf(towards, from), towards, from };
}

function directionOf(towards: DirectedCount, from: DirectedCount): DirectionEvidence['direction'] {
  if (Math.min(towards.sent, from.sent) < MIN_PACKETS) return 'unknown';
  const isTowards = towards.lowRatio > LOSSY_RATIO;
  const isFrom = from.lowRatio > LOSSY_RATIO;
  if (isTowards && isFrom) return 'both';
  if (isTowards && from.highRatio < towards.lowRatio / 2) return 'towards';
  if (isFrom && towards.highRatio < from.lowRatio / 2) return 'from';
  return 'unknown';
}

/** Which way packets go that leave the path's own PBX; undefined where the place gives no sense to it. */
export function forwardWay(place: Place, { end, pbx, site }: PathRef): Way | undefined {
  switch (place.kind) {
    case 'provider':
    case 'edge':
      return 'towards';
    case 'path':
      return pbx === place.pbx ? 'towards' : 'from';
    case 'site':
      return site === place.site ? 'from' : 'towards';
    case 'host':
    case 'probe':
      return pbx === place.pbx ? 'from' : 'towards';
    case 'line':
      return end.kind === 'peer' && end.site === place.sites[1] ? 'towards' : 'from';
    case 'none':
      return undefined;
    default:
      return place satisfies never;
  }
}

/** The other way. */
export function opposite(way: Way): Way {
  return way === 'towards' ? 'from' : 'towards';
}

/** Media of several keys, each counted once: the edges of a trunk share the figures of its calls. */
class MediaSum {
  readonly #seen = new Set<string>();
  #sum: SpreadCount = { sent: 0, lost: 0, intervals: 0, lostSquares: 0 };

  add(key: string, count: SpreadCount | undefined): void {
    if (count === undefined || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#sum = {
      sent: this.#sum.sent + count.sent,
      lost: this.#sum.lost + count.lost,
      intervals: this.#sum.intervals + count.intervals,
      lostSquares: this.#sum.lostSquares + count.lostSquares,
    };
  }

  counted(): DirectedCount | undefined {
    const { lost, sent } = this.#sum;
    if (sent === 0) return undefined;
    const { highRatio, lowRatio } = spreadInterval(this.#sum);
    return { sent, lost, lowRatio, highRatio };
  }
}
