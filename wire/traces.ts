/**
 * Traces as the hub shows them, each with what it says. Plain types, read by the page of the same hub. A trace says where packets
 * stopped being answered, not whose fault it is.
 */

/** One hop of a trace. Times are round trips in milliseconds; absent of a hop that never answered. */
export type ShownHop = {
  readonly hop: number;
  /** Absent for a hop that stayed silent. */
  readonly address?: string;
  readonly sent: number;
  readonly lost: number;
  /** Wilson 95 % interval of the loss, 0 to 1; absent where nothing was sent. */
  readonly lowRatio?: number;
  readonly highRatio?: number;
  readonly bestMs?: number;
  /** The mean: mtr keeps no median. */
  readonly averageMs?: number;
  readonly worstMs?: number;
  /** What its loss means, one clause; empty for a hop that lost nothing. */
  readonly remark: string;
};

/** One trace with its judgement. */
export type ShownTrace = {
  readonly pbx: string;
  /** Name of the probe that made it, where the hub knows it. */
  readonly probe?: string;
  readonly target: string;
  /** When it had come to the hub, epoch milliseconds of the hub. */
  readonly endedAtEpochMs: number;
  /** `blamed`: loss lasts from a hop to the target; see the sentence. */
  readonly outcome: 'blamed' | 'unplaced' | 'no-loss' | 'not-reached' | 'failed';
  readonly sentence: string;
  /** One sentence: method and source. */
  readonly source: string;
  readonly hops: readonly ShownHop[];
};

/** Answer to a question for traces, newest first. */
export type TraceList = { readonly items: readonly ShownTrace[] };
