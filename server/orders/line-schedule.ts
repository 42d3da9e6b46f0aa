import { type LinePair, type LinePairs, oppositeLine } from './line-pairs.ts';

/** What the hub's file says of transfers between sites. Times in milliseconds. */
export type LinePolicy = {
  readonly isEnabled: boolean;
  /** Each line, from either side, once in so long. */
  readonly everyMs: number;
  /** On suspicion, a line at most once in so long. */
  readonly suspectEveryMs: number;
  /** After one that could not be made; twice as long after each further one, sixteen times at most. */
  readonly retryMs: number;
  /** Transfers of the whole fleet at a time. A site has one at most. */
  readonly atOnce: number;
  readonly maxBytes: number;
  readonly maxMs: number;
};

/** A transfer that was ordered and is not over. */
export type LineRun = LinePair & { readonly line: string; readonly untilMs: number };

/** One transfer to be ordered, and why. */
export type LineOrder = LinePair & {
  readonly line: string;
  readonly cause: 'daily' | 'suspicion';
  readonly why: string;
};

type LineMemory = {
  readonly attemptAtMs: number;
  readonly measuredAtMs: number;
  /** In a row. */
  readonly failures: number;
};

/** Start with {@link noLines}. Times are hub time. */
export type LineState = {
  readonly sinceMs: number;
  readonly lines: ReadonlyMap<string, LineMemory>;
  /** By `FROM>TO`: when that pair of PBXs last failed. */
  readonly failedAtMs: ReadonlyMap<string, number>;
  readonly running: readonly LineRun[];
};

/** What the decision is made from besides its own memory. */
export type LineSight = {
  readonly pairs: LinePairs;
  /** PBXs that are not to be asked now: their instrument is sick. */
  readonly unfit: ReadonlySet<string>;
  /** Why a line (`FROM_SITE>TO_SITE`) is suspected, by name. */
  readonly suspects: ReadonlyMap<string, string>;
  /** Whether two PBXs exchange RTP in the mesh. */
  readonly isElected: (one: string, other: string) => boolean;
  /** A number from 0 to 2^32 - 1 that depends on the text alone. */
  readonly lotOf: (text: string) => number;
};

const NEVER_MS = Number.NEGATIVE_INFINITY;
const UNTRIED: LineMemory = { attemptAtMs: NEVER_MS, measuredAtMs: NEVER_MS, failures: 0 };

/** Lines that were never measured have their turn within so long after the hub's start, spread over it. */
export const FIRST_WITHIN_MS = 3_600_000;
/** Beyond the time that both directions may take, for orders, connections and results. */
const SLACK_MS = 30_000;
const MOST_DOUBLINGS = 4;

/**
 * A hub that starts, with what is on record of earlier lives.
 *
 * @param measuredAtMs - by line, when it was last measured.
 */
export function noLines(measuredAtMs: ReadonlyMap<string, number>, nowMs: number): LineState {
  const lines = [...measuredAtMs].map(([line, atMs]) => [line, { ...UNTRIED, measuredAtMs: atMs }] as const);
  return { sinceMs: nowMs, lines: new Map(lines), failedAtMs: new Map(), running: [] };
}

/**
 * Decides which transfers to order now. Suspected lines go first, then those that wait longest. The turn of a line comes at
 * the same time of each interval, told from its name, so that the turns are spread and a restart brings none forward: one
 * that came while no hub was there is left out.
 *
 * @returns `overdue`: runs that nothing was heard of in time; they count as failed.
 */
export function orderLines(
  state: LineState,
  sight: LineSight,
  policy: LinePolicy,
  nowMs: number,
): { readonly state: LineState; readonly orders: readonly LineOrder[]; readonly overdue: readonly LineRun[] } {
  const overdue = state.running.filter(({ untilMs }) => untilMs <= nowMs);
  const ended = overdue.reduce((before, run) => lineEnded(before, run, false, nowMs), state);
  if (!policy.isEnabled) return { state: ended, orders: [], overdue };
  const busy = new Set(ended.running.flatMap(({ line }) => line.split('>')));
  const lines = new Map(ended.lines);
  const running = [...ended.running];
  const orders: LineOrder[] = [];
  const wishes = [...sight.pairs.keys()]
    .flatMap((line) => wishOf(line, ended, sight, policy, nowMs) ?? [])
    .toSorted((a, b) => a.rank - b.rank || a.waitingSinceMs - b.waitingSinceMs);
  for (const { cause, line, why } of wishes) {
    if (running.length >= policy.atOnce) break;
    const sites = line.split('>');
    if (sites.some((site) => busy.has(site))) continue;
    const pair = bestPair(line, ended, sight);
    if (!pair) continue;
    for (const site of sites) busy.add(site);
    running.push({ ...pair, line, untilMs: nowMs + 2 * policy.maxMs + SLACK_MS });
    lines.set(line, { ...(lines.get(line) ?? UNTRIED), attemptAtMs: nowMs });
    orders.push({ ...pair, line, cause, why });
  }
  return { state: { ...ended, lines, running }, orders, overdue };
}

/** A run is over: measured in both directions, or not. */
export function lineEnded(
  state: LineState,
  run: LinePair & { readonly line: string },
  isMeasured: boolean,
  nowMs: number,
) {
  const before = state.lines.get(run.line) ?? UNTRIED;
  const after = isMeasured
    ? { ...before, measuredAtMs: nowMs, failures: 0 }
    : { ...before, failures: before.failures + 1 };
  const failedAtMs = new Map(state.failedAtMs);
  const pair = `${run.from}>${run.to}`;
  if (isMeasured) failedAtMs.delete(pair);
  else failedAtMs.set(pair, nowMs);
  const running = state.running.filter(({ from, line, to }) => line !== run.line || from !== run.from || to !== run.to);
  return { ...state, lines: new Map(state.lines).set(run.line, after), failedAtMs, running } satisfies LineState;
}

type Wish = Pick<LineOrder, 'line' | 'cause' | 'why'> & { readonly rank: number; readonly waitingSinceMs: number };

function wishOf(
  line: string,
  { lines, sinceMs }: LineState,
  { lotOf, suspects }: LineSight,
  { everyMs, retryMs, suspectEveryMs }: LinePolicy,
  nowMs: number,
): Wish | undefined {
  const own = lines.get(line) ?? UNTRIED;
  const why = suspects.get(line);
  const lastAtMs = Math.max(own.attemptAtMs, lines.get(oppositeLine(line))?.attemptAtMs ?? NEVER_MS);
  if (why !== undefined && nowMs - lastAtMs >= suspectEveryMs) {
    return { line, cause: 'suspicion', why, rank: 0, waitingSinceMs: lastAtMs };
  }
  const restMs = own.failures === 0 ? 0 : retryMs * 2 ** Math.min(MOST_DOUBLINGS, own.failures - 1);
  if (nowMs - own.attemptAtMs < restMs) return undefined;
  const phaseMs = lotOf(line) % everyMs;
  const turnAtMs =
    own.measuredAtMs === NEVER_MS
      ? sinceMs + (lotOf(line) % Math.min(everyMs, FIRST_WITHIN_MS))
      : nowMs - ((((nowMs - phaseMs) % everyMs) + everyMs) % everyMs);
  if (turnAtMs > nowMs || turnAtMs < sinceMs || own.measuredAtMs >= turnAtMs) return undefined;
  return { line, cause: 'daily', why: 'its turn', rank: 1, waitingSinceMs: turnAtMs };
}

/** The pair whose last failure is longest ago, if it has any; of those without, one that the mesh has elected. */
function bestPair(line: string, { failedAtMs }: LineState, { isElected, lotOf, pairs, unfit }: LineSight) {
  const ranked = (pairs.get(line) ?? [])
    .filter(({ from, to }) => !unfit.has(from) && !unfit.has(to))
    .map((pair) => {
      const name = `${pair.from}>${pair.to}`;
      const failed = failedAtMs.get(name) ?? NEVER_MS;
      return { pair, failed, elected: isElected(pair.from, pair.to) ? 0 : 1, lot: lotOf(name) };
    })
    .toSorted((a, b) => (a.failed === b.failed ? a.elected - b.elected || a.lot - b.lot : a.failed - b.failed));
  return ranked[0]?.pair;
}
