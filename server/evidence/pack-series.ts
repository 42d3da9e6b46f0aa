import { wilsonInterval } from '../paths/wilson.ts';
import { counted, summed } from './counted.ts';
import type { PackSeries, PackSpan } from './evidence-pack.ts';
import type { Rollup } from './pack-input.ts';
import { CLEAN_RATIO } from './pack-looks.ts';

const MINUTE_MS = 60_000;
/** A quiet of more minutes than this ends the trouble that is looked back on. */
const GAP_MINUTES = 2;

type Role = PackSeries['role'];

/** Time of a verdict. */
export type VerdictTime = { readonly openedAtEpochMs: number; readonly endEpochMs: number };

/** Which paths are wanted, and since when each is followed by the minute. */
export type Followed = { readonly roles: ReadonlyMap<string, Role>; readonly fromMs: ReadonlyMap<string, number> };

/** Each path over time: its minutes, and quarters of an hour where it was not followed by the minute. */
export function packSeries(
  rollups: readonly Rollup[],
  { fromMs, roles }: Followed,
  time: VerdictTime,
): readonly PackSeries[] {
  const byPath = Map.groupBy(rollups, ({ pathKey }) => pathKey);
  return [...roles].flatMap(([pathKey, role]): PackSeries[] => {
    const followedFromEpochMs = fromMs.get(pathKey);
    const own = withoutDoubles(byPath.get(pathKey) ?? [], followedFromEpochMs ?? Number.POSITIVE_INFINITY);
    if (own.length === 0) return [];
    const spans = own.map(span);
    const whole = counted(summed(wholeSpans(spans, followedFromEpochMs, time)));
    return [{ pathKey, role, ...(followedFromEpochMs !== undefined && { followedFromEpochMs }), whole, spans }];
  });
}

/**
 * The spans that sum up a path over the time of a verdict: minutes that touch it, quarters that lie within. Minutes from before
 * the path was followed are left out, since then only lossy ones were kept.
 */
export function wholeSpans(
  spans: readonly PackSpan[],
  followedFromMs: number | undefined,
  { endEpochMs, openedAtEpochMs }: VerdictTime,
): readonly PackSpan[] {
  return spans.filter((each) =>
    each.lengthMs === MINUTE_MS
      ? isFollowed(each, followedFromMs) &&
        each.startEpochMs + each.lengthMs > openedAtEpochMs &&
        each.startEpochMs < endEpochMs
      : each.startEpochMs >= openedAtEpochMs && each.startEpochMs + each.lengthMs <= endEpochMs,
  );
}

/**
 * All listed paths of a role together, span by span: minutes since each was followed, and whole quarters. Minutes from before
 * are left out, since their sum would look worse than it was.
 */
export function pooledSpans(series: readonly PackSeries[], role: Role): readonly PackSpan[] {
  const spans = series
    .filter((each) => each.role === role)
    .flatMap((each) =>
      each.spans.filter((own) => own.lengthMs !== MINUTE_MS || isFollowed(own, each.followedFromEpochMs)),
    );
  return [...Map.groupBy(spans, ({ lengthMs, startEpochMs }) => `${startEpochMs} ${lengthMs}`).values()]
    .map(pooledSpan)
    .toSorted((one, other) => one.startEpochMs - other.startEpochMs || one.lengthMs - other.lengthMs);
}

function isFollowed({ startEpochMs }: PackSpan, followedFromMs: number | undefined): boolean {
  return followedFromMs !== undefined && startEpochMs >= Math.floor(followedFromMs / MINUTE_MS) * MINUTE_MS;
}

/**
 * Start of the first minute on record of the trouble that led to a verdict: the earliest minute in which a path of its place
 * clearly lost more than 1 %, with no quiet of more than two minutes from there to the opening. Undefined where none was kept.
 */
export function firstLossMs(series: readonly PackSeries[], openedAtEpochMs: number): number | undefined {
  const lossy = new Set(
    series
      .filter(({ role }) => role === 'inside')
      .flatMap(({ spans }) => spans)
      .filter((each) => each.lengthMs === MINUTE_MS && each.lowRatio > CLEAN_RATIO)
      .map(({ startEpochMs }) => startEpochMs),
  );
  let found: number | undefined;
  const openingMs = Math.floor(openedAtEpochMs / MINUTE_MS) * MINUTE_MS;
  for (let atMs = openingMs, quiet = 0; quiet <= GAP_MINUTES; atMs -= MINUTE_MS) {
    if (lossy.has(atMs)) {
      found = atMs;
      quiet = 0;
    } else quiet += 1;
  }
  return found;
}

/** A quarter goes where followed minutes say the same more finely; before that it stays beside the lossy minutes. */
function withoutDoubles(rollups: readonly Rollup[], followedFromMs: number): readonly Rollup[] {
  const fromMs = Math.floor(followedFromMs / MINUTE_MS) * MINUTE_MS;
  const minutes = rollups.filter(({ lengthMs }) => lengthMs === MINUTE_MS);
  const quarters = rollups.filter(({ lengthMs, startEpochMs }) => {
    if (lengthMs === MINUTE_MS) return false;
    const endMs = startEpochMs + lengthMs;
    return endMs <= fromMs || minutes.every((each) => each.startEpochMs < startEpochMs || each.startEpochMs >= endMs);
  });
  return [...minutes, ...quarters].toSorted((one, other) => one.startEpochMs - other.startEpochMs);
}

function span({ lengthMs, rttP50Ms, rttP95Ms, startEpochMs, ...counts }: Rollup): PackSpan {
  return {
    startEpochMs,
    lengthMs,
    ...counted(counts),
    ...(rttP50Ms !== undefined && { rttP50Ms }),
    ...(rttP95Ms !== undefined && { rttP95Ms }),
  };
}

/** The round trips of several paths: the median of their medians, and the greatest of their 95th percentiles. */
function pooledSpan(spans: readonly PackSpan[]): PackSpan {
  const medians = spans.flatMap(({ rttP50Ms }) => rttP50Ms ?? []).toSorted((one, other) => one - other);
  const tails = spans.flatMap(({ rttP95Ms }) => rttP95Ms ?? []);
  const middle = medians[Math.floor((medians.length - 1) / 2)];
  const { lost, sent } = summed(spans);
  return {
    startEpochMs: spans[0]?.startEpochMs ?? 0,
    lengthMs: spans[0]?.lengthMs ?? 0,
    sent,
    lost,
    ...(sent > 0 && { lossRatio: lost / sent }),
    ...wilsonInterval({ sent, lost }),
    ...(middle !== undefined && { rttP50Ms: middle }),
    ...(tails.length > 0 && { rttP95Ms: Math.max(...tails) }),
  };
}
