import { callOutcome, type OutcomeClass, outcomeClass } from '../paths/quality/call-outcome.ts';
import { SHORT_CALL_MS } from '../paths/quality/call-window.ts';
import { type CallEnded, countedCall } from '../paths/quality/ended-call.ts';

/** Calls that ended at the touched trunks while a trouble lasted. `attempted` leaves out those of which a gap hides the outcome. */
export type CallCost = {
  readonly attempted: number;
  readonly answered: number;
  /** Ended by the network or the provider without an answer: 408, 5xx, refused, or no transport. */
  readonly failed: number;
  /** Failed calls by their SIP status (`408`), else by their Q.850 cause (`cause 38`), most frequent first. */
  readonly failedBy: readonly { readonly by: string; readonly calls: number }[];
  /** The caller hung up before anything rang. */
  readonly givenUp: number;
  /** Answered for less than six seconds. */
  readonly short: number;
  readonly unknown: number;
};

/** Calls of one class; none may have been made. */
export type ClassCost = { readonly class: string; readonly attempted: number; readonly failed: number };

/**
 * Calls whose media were counted since the verdict was opened, and those of which one direction was {@link isBadMedia}. `isCut`
 * where more were up at once than are followed, so that some are in neither.
 */
export type MediaCost = { readonly calls: number; readonly bad: number; readonly isCut?: boolean };

/** What a trouble has touched and cost so far. What nobody could count is absent, never zero (safety rule 2). */
export type IncidentCost = {
  /** Calls are counted by their end, from here on. Hub time. */
  readonly fromMs: number;
  /** End of the newest call that is counted. */
  readonly newestAtMs?: number;
  /** PBXs, and their sites, with a path at the place. */
  readonly pbxes: number;
  readonly sites: number;
  /** Classes that are routed over the touched trunks, or had calls there. */
  readonly classes: readonly ClassCost[];
  readonly calls?: CallCost;
  readonly media?: MediaCost;
  /** Why there are no calls to count: no trunk is touched, or no touched PBX has its Asterisk reached. */
  readonly noCalls?: 'no-trunk' | 'asterisk-not-reached';
  /** Touched PBXs whose Asterisk was not reached for a while: what calls met there is not known. */
  readonly blindPbxes: readonly string[];
};

/** A call as a cost counts it. */
export type CostedCall = {
  readonly pbx: string;
  readonly trunk: string;
  readonly edge: string | undefined;
  readonly class: string | undefined;
  readonly atMs: number;
  readonly outcome: OutcomeClass;
  readonly by: string;
  readonly isShort: boolean;
};

/** Packets of one direction of a call. */
export type MediaWay = { readonly expected: number; readonly lost: number; readonly isSilent: boolean };

/** Packets under which a direction says nothing: two seconds of speech. */
const MIN_PACKETS = 100;
/** Above it speech over G.711 without concealment is no longer good (ITU-T G.113, appendix I: 3 % costs about 13 points of R). */
const BAD_MEDIA_RATIO = 0.03;
/** PBXs that are named. */
const MAX_NAMED = 20;

/** A direction is bad with more than 3 % of at least 100 packets lost, or when nothing reaches the far end. */
export function isBadMedia({ expected, isSilent, lost }: MediaWay): boolean {
  return isSilent || (expected >= MIN_PACKETS && lost > expected * BAD_MEDIA_RATIO);
}

/** What a `call-ended` event says of a cost. */
export function costedCall(pbx: string, body: CallEnded, atMs: number): CostedCall {
  const call = countedCall(body);
  const { statusCode, causeCode, talkMs } = call;
  const cause = causeCode === undefined ? 'no cause' : `cause ${causeCode}`;
  return {
    pbx,
    trunk: body.trunk,
    edge: body.edge,
    class: body.class,
    atMs,
    outcome: outcomeClass(callOutcome(call)),
    by: statusCode === undefined ? cause : String(statusCode),
    isShort: talkMs !== undefined && talkMs < SHORT_CALL_MS,
  };
}

const COUNTED = ['attempted', 'answered', 'failed', 'givenUp', 'short', 'unknown'] as const;

/** Sums the calls of one trouble, on top of what an earlier life of the hub had counted. Mutable. */
export class CostTally {
  readonly #counts: Record<(typeof COUNTED)[number], number>;
  readonly #failedBy: Map<string, number>;
  readonly #classes: Map<string, { attempted: number; failed: number }>;
  #newestAtMs: number | undefined;

  constructor(base?: IncidentCost) {
    const { calls, classes, newestAtMs } = base ?? {};
    this.#counts = {
      attempted: calls?.attempted ?? 0,
      answered: calls?.answered ?? 0,
      failed: calls?.failed ?? 0,
      givenUp: calls?.givenUp ?? 0,
      short: calls?.short ?? 0,
      unknown: calls?.unknown ?? 0,
    };
    this.#failedBy = new Map(calls?.failedBy.map(({ by, calls: count }) => [by, count]));
    this.#classes = new Map(classes?.map(({ class: name, attempted, failed }) => [name, { attempted, failed }]));
    this.#newestAtMs = newestAtMs;
  }

  /** A call that ended. The losing branches of a forked dial are no attempts. */
  addCall({ atMs, by, class: name, isShort, outcome }: CostedCall): void {
    if (outcome === 'elsewhere') return;
    this.#newestAtMs = newer(this.#newestAtMs, atMs);
    if (outcome === 'unknown') {
      this.#counts.unknown += 1;
      return;
    }
    const hasFailed = outcome === 'ineffective' || outcome === 'rejected';
    this.#counts.attempted += 1;
    this.#counts.answered += Number(outcome === 'answered');
    this.#counts.failed += Number(hasFailed);
    this.#counts.givenUp += Number(outcome === 'abandoned');
    this.#counts.short += Number(isShort);
    if (hasFailed) this.#failedBy.set(by, (this.#failedBy.get(by) ?? 0) + 1);
    if (name === undefined) return;
    const own = this.#classes.get(name) ?? { attempted: 0, failed: 0 };
    this.#classes.set(name, { attempted: own.attempted + 1, failed: own.failed + Number(hasFailed) });
  }

  /** Adds what another has summed, which had no base of its own. */
  include(other: CostTally): void {
    const counts = this.#counts;
    for (const name of COUNTED) counts[name] += other.#counts[name];
    for (const [by, calls] of other.#failedBy) this.#failedBy.set(by, (this.#failedBy.get(by) ?? 0) + calls);
    for (const [name, { attempted, failed }] of other.#classes) {
      const own = this.#classes.get(name) ?? { attempted: 0, failed: 0 };
      this.#classes.set(name, { attempted: own.attempted + attempted, failed: own.failed + failed });
    }
    this.#newestAtMs = newer(this.#newestAtMs, other.#newestAtMs);
  }

  /** @param ground - what is touched; `canTell`: some touched PBX tells of its calls, now or earlier. */
  cost(ground: {
    readonly fromMs: number;
    readonly pbxes: number;
    readonly sites: number;
    readonly classes: readonly string[];
    readonly hasTrunks: boolean;
    readonly canTell: boolean;
    readonly blindPbxes: readonly string[];
    readonly media: MediaCost;
  }): IncidentCost {
    const { blindPbxes, canTell, classes, fromMs, hasTrunks, media, pbxes, sites } = ground;
    const names = [...new Set([...classes, ...this.#classes.keys()])].toSorted((one, other) => (one < other ? -1 : 1));
    const noCalls = hasTrunks ? 'asterisk-not-reached' : 'no-trunk';
    const hasCalls = (hasTrunks && canTell) || this.#counts.attempted + this.#counts.unknown > 0;
    const failedBy = [...this.#failedBy]
      .map(([by, calls]) => ({ by, calls }))
      .toSorted((one, other) => other.calls - one.calls || (one.by < other.by ? -1 : 1));
    return {
      fromMs,
      ...(this.#newestAtMs !== undefined && { newestAtMs: this.#newestAtMs }),
      pbxes,
      sites,
      classes: names.map((name) => ({ class: name, ...(this.#classes.get(name) ?? { attempted: 0, failed: 0 }) })),
      ...(hasCalls ? { calls: { ...this.#counts, failedBy } } : { noCalls }),
      ...(media.calls > 0 && { media: { ...media } }),
      blindPbxes: blindPbxes.slice(0, MAX_NAMED),
    };
  }
}

function newer(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}
