import { pathKey } from '../paths/path-key.ts';
import type { SpreadCount } from '../paths/quality/spread-loss.ts';
import type { VerdictContext } from './verdict-context.ts';

/** After its end a verdict's paths are still followed for so long, so that the way back to normal shows. */
export const WATCH_TAIL_MS = 900_000;
/** Media of so many minutes before a verdict opened are kept too; the hub's memory reaches back an hour. */
export const MEDIA_LEAD_MINUTES = 15;

const MINUTE_MS = 60_000;

/** Paths to follow by the minute for one verdict, until `untilMs` (hub time). */
export type Watch = {
  readonly pathKeys: ReadonlySet<string>;
  /** Keys of mesh streams (paths to peers) and of calls (`PBX>TRUNK`). */
  readonly media: ReadonlyMap<string, 'mesh' | 'calls'>;
  readonly untilMs: number;
};

/** Media of one direction in one minute. */
export type MediaSum = SpreadCount & {
  readonly mediaKey: string;
  readonly source: 'mesh' | 'calls';
  readonly direction: 'forward' | 'reverse';
  readonly startEpochMs: number;
};

/** What follows from a context: everything that it lists, besides what was followed before. */
export function watchOf(context: VerdictContext, before: Watch | undefined, untilMs: number): Watch {
  const media = context.paths.flatMap(({ pathKey: key, pbx, trunk }): [string, 'mesh' | 'calls'][] => [
    trunk === undefined ? [key, 'mesh'] : [pathKey(pbx, trunk), 'calls'],
  ]);
  return {
    pathKeys: new Set([...(before?.pathKeys ?? []), ...context.paths.map(({ pathKey: key }) => key)]),
    media: new Map([...(before?.media ?? []), ...media]),
    untilMs,
  };
}

/**
 * Media of one whole minute for every key of a watch.
 *
 * @param countsSince - sums over whole minutes from the one that holds `sinceMs` on; undefined where nothing came.
 * @param minuteStartMs - hub time, a whole minute that has been over for a while, so that late reports are in it.
 */
export function mediaMinute(
  media: Watch['media'],
  countsSince: (key: string, direction: 'forward' | 'reverse', sinceMs: number) => SpreadCount | undefined,
  minuteStartMs: number,
): readonly MediaSum[] {
  return [...media].flatMap(([mediaKey, source]) =>
    (['forward', 'reverse'] as const).flatMap((direction) => {
      const from = countsSince(mediaKey, direction, minuteStartMs);
      if (!from) return [];
      const later = countsSince(mediaKey, direction, minuteStartMs + MINUTE_MS);
      const sent = from.sent - (later?.sent ?? 0);
      const intervals = from.intervals - (later?.intervals ?? 0);
      if (sent <= 0 || intervals <= 0) return [];
      const lost = Math.min(sent, Math.max(0, from.lost - (later?.lost ?? 0)));
      const lostSquares = Math.max(0, from.lostSquares - (later?.lostSquares ?? 0));
      return [{ mediaKey, source, direction, startEpochMs: minuteStartMs, sent, lost, intervals, lostSquares }];
    }),
  );
}
