import { isJudgeable } from '../path-evidence.ts';
import { type Sight, windowStartMs } from '../sight.ts';
import type { OtherKind } from './evidence-kinds.ts';
import { type KindEvents, NO_COUNT, type PathKindCount, together } from './kind-events.ts';
import { type TrunkPaths, trunkPathsOf } from './trunk-paths.ts';
import { shareOf, weighedMedia, weighedRuns } from './weighed-counts.ts';

const WAYS = ['forward', 'reverse'] as const;
const MINUTE_MS = 60_000;
/** ICMP is kept over so long. */
const ICMP_MS = 60_000;

/** Which paths are asked for. */
export type Asked = {
  readonly sight: Sight;
  readonly sinceMs: number;
  readonly isAsked: (pathIndex: number) => boolean;
};

/**
 * What the other kinds tell of a window, beside OPTIONS. A kind without a loss anywhere is left out: it could only tell that
 * healthy paths are healthy, and costs nothing then.
 *
 * @param hasTrials - whether OPTIONS say anything of a path; where they do not, nothing else is weighed either.
 */
export function kindsSince(
  sight: Sight,
  sinceMs: number,
  hasTrials: (pathIndex: number) => boolean,
): readonly KindEvents[] {
  const isAsked = (index: number) => hasTrials(index) && isJudged(sight, index);
  return gatherKinds({ sight, sinceMs, isAsked }).filter(({ ofPath }) =>
    [...ofPath.values()].some(({ lost }) => lost > 0),
  );
}

/** The same for some paths, clean kinds included; a kind without any figures is there and empty. */
export function gatherKinds(asked: Asked): readonly KindEvents[] {
  return [
    { kind: 'icmp', ofPath: icmpSince(asked) },
    { kind: 'mesh', ofPath: meshSince(asked) },
    { kind: 'rtcp', ofPath: trunksSince(asked, 'rtcp', rtcpOf) },
    { kind: 'calls', ofPath: trunksSince(asked, 'calls', callsOf) },
  ];
}

/** True where figures of a path may be judged. */
export function isJudged({ paths }: Sight, index: number): boolean {
  const path = paths[index];
  return path !== undefined && isJudgeable(path.health);
}

/** Echoes of the last minute. A path without a lost one is not counted over: its estimate says enough. */
function icmpSince({ isAsked, sight, sinceMs }: Asked): ReadonlyMap<number, PathKindCount> {
  const found = new Map<number, PathKindCount>();
  sight.paths.forEach((path, index) => {
    const { icmp } = path.health;
    if (icmp === undefined || icmp.sent === 0 || !isAsked(index)) return;
    const fromMs = windowStartMs(sight, path, sinceMs);
    const share = Math.min(1, Math.max(0, (sight.nowMs - fromMs) / ICMP_MS));
    const counts =
      icmp.lost > 0 && path.icmpSince ? path.icmpSince(fromMs) : { sent: icmp.sent * share, lost: 0, lossRuns: 0 };
    if (counts.sent > 0) found.set(index, weighedRuns('icmp', counts));
  });
  return found;
}

/** Both directions of the mesh stream of each path to a peer. */
function meshSince({ isAsked, sight, sinceMs }: Asked): ReadonlyMap<number, PathKindCount> {
  const found = new Map<number, PathKindCount>();
  if (!sight.mediaCounts) return found;
  sight.space.refs.forEach(({ end, key }, index) => {
    if (end.kind === 'peer' && isAsked(index)) add(found, index, mediaOf({ sight, sinceMs }, 'mesh', key, index));
  });
  return found;
}

/** Media are counted in whole minutes: only those that began within the window, so that a second window holds nothing of the first. */
function mediaOf(
  { sight, sinceMs }: Pick<Asked, 'sight' | 'sinceMs'>,
  kind: 'mesh' | 'rtcp',
  key: string,
  index: number,
): PathKindCount {
  const path = sight.paths[index];
  const fromMs = path === undefined ? sinceMs : windowStartMs(sight, path, sinceMs);
  return WAYS.reduce((sum, way) => {
    const count = sight.mediaCounts?.(key, way, fromMs + MINUTE_MS - 1);
    return count === undefined ? sum : together(sum, weighedMedia(kind, count));
  }, NO_COUNT);
}

type OfTrunk = (asked: Asked, trunk: TrunkPaths, found: Map<number, PathKindCount>) => void;

/** What the calls of a PBX met at a trunk, spread over the edges that they may have used. */
function trunksSince(asked: Asked, kind: OtherKind, take: OfTrunk): ReadonlyMap<number, PathKindCount> {
  const found = new Map<number, PathKindCount>();
  const { callCounts, mediaCounts } = asked.sight;
  if ((kind === 'rtcp' ? mediaCounts : callCounts) === undefined) return found;
  for (const trunk of trunkPathsOf(asked.sight.space))
    if (trunk.paths.some(({ index }) => asked.isAsked(index))) take(asked, trunk, found);
  return found;
}

function rtcpOf(asked: Asked, { key, paths }: TrunkPaths, found: Map<number, PathKindCount>): void {
  spread(asked, paths, mediaOf(asked, 'rtcp', key, paths[0]?.index ?? -1), found);
}

function callsOf(asked: Asked, { key, paths }: TrunkPaths, found: Map<number, PathKindCount>): void {
  const { sight, sinceMs } = asked;
  const first = sight.paths[paths[0]?.index ?? -1];
  const fromMs = first === undefined ? sinceMs : windowStartMs(sight, first, sinceMs);
  for (const { counts, edge } of sight.callCounts?.(key, fromMs) ?? []) {
    const used = edge === undefined ? paths : paths.filter((path) => path.edge === edge);
    spread(asked, used, weighedRuns('calls', counts), found);
  }
}

function spread(
  { isAsked }: Asked,
  paths: TrunkPaths['paths'],
  count: PathKindCount,
  found: Map<number, PathKindCount>,
): void {
  for (const { index } of paths) if (isAsked(index)) add(found, index, shareOf(count, 1 / paths.length));
}

function add(found: Map<number, PathKindCount>, index: number, count: PathKindCount): void {
  if (count.sent > 0) found.set(index, together(found.get(index) ?? NO_COUNT, count));
}
