import { callOutcome } from '../paths/quality/call-outcome.ts';
import type { CountedCall } from '../paths/quality/call-window.ts';
import type { MosLook } from './call-standing.ts';

/** Calls that are remembered of one (PBX, trunk, class). */
const MAX_CALLS = 64;

/** One call that says something about its trunk. Hub time, milliseconds. */
export type LedgerCall = {
  readonly atMs: number;
  /** The network brought it to its end: answered, busy, rung out, turned down by the called side (ITU-T E.425, NER). */
  readonly isEffective: boolean;
  readonly isAnswered: boolean;
  readonly pddMs: number | undefined;
};

/** What planning asks of the calls. Calls whose class was not told speak for each class that has none of its own. */
export type CallReader = {
  /** The latest calls of a PBX at a trunk, oldest first; none where nothing is known. */
  readonly recent: (pbx: string, trunk: string, className: string) => readonly LedgerCall[];
  /** End of the latest call of a PBX at any trunk, of this class or of none; undefined where none was seen, and nothing is recent then. */
  readonly latestAtMs: (pbx: string, className: string) => number | undefined;
  /** MOS of the worse direction of a PBX's calls at a trunk, of all classes, in the whole minutes since then. */
  readonly mosSince?: (pbx: string, trunk: string, sinceMs: number, nowMs: number) => MosLook | undefined;
};

/** A reader of no calls at all. */
export const NO_CALLS: CallReader = { recent: () => [], latestAtMs: () => undefined };

const UNTOLD = '';
const NONE: readonly LedgerCall[] = [];

/** Calls of one PBX, by class; `byTrunk` by trunk first. */
type PbxLedger = {
  readonly latestAtMs: Map<string, number>;
  readonly byTrunk: Map<string, Map<string, LedgerCall[]>>;
};

/**
 * The last calls of each (PBX, trunk, class), one by one and with their times, so that routing may ask what came since a moment.
 * The figures of the hub are kept elsewhere, by the minute. Mutable, free of I/O.
 */
export class CallLedger implements Omit<CallReader, 'mosSince'> {
  readonly #pbxes = new Map<string, PbxLedger>();

  /**
   * Takes a call that has ended, in any order of their ends; of too many the oldest go. One that a gap hides, that was redirected,
   * given up before it rang, won by another branch or refused for its number says nothing about its trunk.
   *
   * @returns true for a call that failed in the network: news for the routes of its PBX.
   */
  add(
    pbx: string,
    place: { readonly trunk: string; readonly class: string | undefined },
    call: CountedCall,
    atMs: number,
  ) {
    const outcome = callOutcome(call);
    const className = place.class ?? UNTOLD;
    const ledger: PbxLedger = this.#pbxes.get(pbx) ?? { latestAtMs: new Map(), byTrunk: new Map() };
    this.#pbxes.set(pbx, ledger);
    ledger.latestAtMs.set(className, Math.max(atMs, ledger.latestAtMs.get(className) ?? atMs));
    const isOfOthers = outcome.isElsewhere || outcome.isRedirected || outcome.isAbandonedEarly || outcome.isOfNumber;
    if (!outcome.isKnown || isOfOthers) return false;
    const byClass = ledger.byTrunk.get(place.trunk) ?? new Map<string, LedgerCall[]>();
    ledger.byTrunk.set(place.trunk, byClass);
    const calls = byClass.get(className) ?? [];
    byClass.set(className, calls);
    const isEffective = outcome.isNetworkEffective;
    const before = calls.findLastIndex((known) => known.atMs <= atMs);
    calls.splice(before + 1, 0, { atMs, isEffective, isAnswered: outcome.isAnswered, pddMs: call.pddMs });
    if (calls.length > MAX_CALLS) calls.shift();
    return !isEffective;
  }

  recent(pbx: string, trunk: string, className: string): readonly LedgerCall[] {
    const byClass = this.#pbxes.get(pbx)?.byTrunk.get(trunk);
    return byClass?.get(className) ?? byClass?.get(UNTOLD) ?? NONE;
  }

  latestAtMs(pbx: string, className: string): number | undefined {
    const latest = this.#pbxes.get(pbx)?.latestAtMs;
    const own = latest?.get(className);
    const untold = latest?.get(UNTOLD);
    return own === undefined || untold === undefined ? (own ?? untold) : Math.max(own, untold);
  }
}
