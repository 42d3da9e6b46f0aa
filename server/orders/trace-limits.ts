import type { PathHealth } from '../paths/path-health.ts';
import { pbxOfKey } from '../paths/path-key.ts';

/** One path is traced at most once in so long. */
export const PATH_EVERY_MS = 300_000;

/** The fleet traces at most so often in any minute. */
export const FLEET_PER_MINUTE = 10;

const MINUTE_MS = 60_000;

/** What the decisions are made from besides their own memory. */
export type TraceSight = {
  readonly healths: readonly PathHealth[];
  /** PBXs whose probe can trace and is connected. */
  readonly able: ReadonlySet<string>;
};

/** By path (`PBX>TARGET`), when it was last traced, in hub time. */
export type TraceTimes = ReadonlyMap<string, number>;

/** Which paths may be traced now, and how many traces the fleet has left in this minute. */
export type TraceRoom = {
  readonly isFree: (health: PathHealth) => boolean;
  readonly left: number;
};

/** Leaves out what is older than {@link PATH_EVERY_MS}: it limits nothing any more. */
export function recentTimes(times: TraceTimes, nowMs: number): TraceTimes {
  return new Map([...times].filter(([, atMs]) => nowMs - atMs < PATH_EVERY_MS));
}

/**
 * What the limits leave. A probe makes one trace at a time, so a PBX that was asked within the minute is not free.
 *
 * @param times - see {@link recentTimes}.
 */
export function traceRoom(times: TraceTimes, able: TraceSight['able'], nowMs: number): TraceRoom {
  const recent = [...times].filter(([, atMs]) => nowMs - atMs < MINUTE_MS);
  const busy = new Set(recent.map(([key]) => pbxOfKey(key)));
  return {
    isFree: ({ ref }) => able.has(ref.pbx) && !busy.has(ref.pbx) && !times.has(ref.key),
    left: Math.max(0, FLEET_PER_MINUTE - recent.length),
  };
}

/** The first path, and a second one of another PBX: of another site where there is one. */
export function firstOfTwoPlaces(paths: readonly PathHealth[]): readonly PathHealth[] {
  const [first] = paths;
  if (!first) return [];
  const others = paths.filter(({ ref }) => ref.pbx !== first.ref.pbx);
  const second = others.find(({ ref }) => ref.site !== first.ref.site) ?? others[0];
  return second ? [first, second] : [first];
}

/** Where a path leads, as far as traces are compared: its provider, or the site of its peer. */
export function endName({ ref: { end } }: PathHealth): string {
  return end.kind === 'trunk' ? `provider ${end.provider}` : `site ${end.site}`;
}
