import type { KeptVerdict } from './kept-verdict.ts';
import type { ContextPath, VerdictContext } from './verdict-context.ts';

/** What stood beside a verdict at one time. */
export type ContextAt = { readonly atEpochMs: number; readonly context: VerdictContext };

/** A rollup of the store. */
export type Rollup = {
  readonly pathKey: string;
  readonly startEpochMs: number;
  readonly lengthMs: number;
  readonly sent: number;
  readonly lost: number;
  readonly rttP50Ms: number | undefined;
  readonly rttP95Ms: number | undefined;
};

/** Media of one direction in one minute. */
export type MediaMinuteInput = {
  readonly mediaKey: string;
  readonly source: 'mesh' | 'calls';
  readonly direction: 'forward' | 'reverse';
  readonly startEpochMs: number;
  readonly sent: number;
  readonly lost: number;
  readonly intervals: number;
  readonly lostSquares: number;
};

/** An entry of the journal. */
export type JournalLine = {
  readonly atEpochMs: number;
  readonly kind: string;
  readonly actor: string;
  readonly sentence: string;
  readonly scope: {
    readonly site?: string;
    readonly provider?: string;
    readonly trunk?: string;
    readonly pbx?: string;
    readonly class?: string;
  };
  readonly detail: unknown;
};

/** A trace with its judgement. */
export type TraceInput = {
  readonly pbx: string;
  readonly receivedAtEpochMs: number;
  readonly body: {
    readonly target: string;
    readonly hops: readonly {
      readonly hop: number;
      readonly address?: string;
      readonly sent: number;
      readonly lost: number;
      readonly bestMs?: number;
      readonly averageMs?: number;
      readonly worstMs?: number;
    }[];
  };
  readonly judgement: { readonly kind: string; readonly sentence: string };
};

/** A call that has ended, as its probe told it. */
export type CallInput = {
  readonly pbx: string;
  readonly trunk: string;
  readonly edge?: string;
  readonly class?: string;
  readonly linkedId: string;
  readonly uniqueId: string;
  readonly startedAtEpochMs: number;
  readonly answeredAtEpochMs?: number;
  readonly endedAtEpochMs: number;
  readonly statusCode?: number;
  readonly causeCode?: number;
  readonly pddMs?: number;
  readonly endedBy?: string;
};

/** Everything that was found of a verdict, as it lies in the store. */
export type PackInput = {
  readonly softwareVersion: string;
  readonly madeAtEpochMs: number;
  readonly numbers: 'masked' | 'full';
  readonly timeZone: string | undefined;
  readonly verdict: KeptVerdict;
  /** The verdict as it was each time it was judged anew, oldest first. */
  readonly snapshots: readonly KeptVerdict[];
  /** Oldest first; empty where none was kept. */
  readonly contexts: readonly ContextAt[];
  /** When each path began to be followed by the minute; empty where none was. */
  readonly followedFrom: ReadonlyMap<string, number>;
  readonly span: PackTime;
  readonly rollups: readonly Rollup[];
  readonly media: readonly MediaMinuteInput[];
  readonly journal: readonly JournalLine[];
  readonly isJournalCut: boolean;
  readonly traces: readonly TraceInput[];
  readonly calls: readonly CallInput[];
  readonly isCallsCut: boolean;
  readonly kept: {
    readonly minutesMs: number;
    readonly quartersMs: number;
    readonly journalMs: number;
    readonly eventsMs: number;
  };
};

/** Time that a pack looks at, around the verdict: by the minute up to `minutesToEpochMs`, by the quarter of an hour from there. */
export type PackTime = {
  readonly fromEpochMs: number;
  readonly minutesToEpochMs: number;
  readonly toEpochMs: number;
};

const MINUTE_MS = 60_000;
const QUARTER_MS = 900_000;
/** A pack shows so much before the verdict was opened, and after it was cleared. */
const LEAD_MS = 1_800_000;
const TAIL_MS = 900_000;
/** Most minutes of all paths together: a pack stays a file that can be mailed, and is made in a moment. */
const MAX_MINUTES = 5000;
/** Most quarters of an hour of one path: ten days. Of all paths together: a pack is written in one go. */
const MAX_QUARTERS = 960;
const MAX_QUARTERS_IN_ALL = 20_000;

/**
 * The time that a pack looks at, in whole minutes.
 *
 * @param paths - how many paths are followed.
 */
export function packTime({ clearedAtMs, openedAtMs }: KeptVerdict, paths: number, nowMs: number): PackTime {
  const fromEpochMs = Math.floor((openedAtMs - LEAD_MS) / MINUTE_MS) * MINUTE_MS;
  const endMs = Math.min(nowMs, (clearedAtMs ?? nowMs) + TAIL_MS);
  const wantedMs = Math.ceil(Math.max(endMs, openedAtMs) / MINUTE_MS) * MINUTE_MS;
  const quarters = Math.min(MAX_QUARTERS, Math.max(96, Math.floor(MAX_QUARTERS_IN_ALL / Math.max(1, paths))));
  const toEpochMs = Math.min(wantedMs, fromEpochMs + quarters * QUARTER_MS);
  const affordedMs = fromEpochMs + Math.max(1, Math.floor(MAX_MINUTES / Math.max(1, paths))) * MINUTE_MS;
  const minutesToEpochMs = affordedMs < toEpochMs ? Math.floor(affordedMs / QUARTER_MS) * QUARTER_MS : toEpochMs;
  return { fromEpochMs, minutesToEpochMs, toEpochMs };
}

/** When each path was listed first: since then every minute of it is kept, where the hub was up. */
export function followedFrom(contexts: readonly ContextAt[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { atEpochMs, context } of contexts) {
    for (const { pathKey } of context.paths) if (!first.has(pathKey)) first.set(pathKey, atEpochMs);
  }
  return first;
}

/** Every path that a context ever listed, with the role and the place that it had last. */
export function listedPaths(contexts: readonly ContextAt[]): ReadonlyMap<string, ContextPath> {
  return new Map(contexts.flatMap(({ context }) => context.paths.map((path) => [path.pathKey, path])));
}
