import { LossWindow } from '../loss-window.ts';
import type { LossCounts } from '../second-counts.ts';
import { callOutcome } from './call-outcome.ts';
import type { CountedCall } from './call-window.ts';

/** Calls over one edge of a trunk; without an edge it is not known which one they used. */
export type EdgeCalls = { readonly edge: string | undefined; readonly counts: LossCounts };

/** Edges of one trunk that are told apart; calls at further ones are of an unknown edge. */
const MAX_EDGES = 32;

/**
 * Calls of one PBX at one trunk as evidence of a fault, five minutes back. Lost is a call that the trunk failed: 408, 500, 503 or
 * 504 (RFC 6076 §4.8). Busy, unanswered and turned down by the called side are calls that went through. Left out is what says
 * nothing of the trunk: given up before it rang, redirected, answered elsewhere, hidden by a gap, and every other refusal, which may be
 * of the number. Mutable; owned by the trunk's quality.
 */
export class CallLosses {
  readonly #windows = new Map<string, { readonly edge: string | undefined; readonly window: LossWindow }>();

  /** A call that ended at `atMs`, hub time. */
  add(edge: string | undefined, call: CountedCall, atMs: number): void {
    const outcome = callOutcome(call);
    const isOfOthers = outcome.isElsewhere || outcome.isAbandonedEarly || outcome.isRedirected;
    if (!outcome.isKnown || isOfOthers || !(outcome.isIneffective || outcome.isNetworkEffective)) return;
    const isRoom = this.#windows.size < MAX_EDGES || this.#windows.has(edge ?? '');
    const known = isRoom ? edge : undefined;
    const at = this.#windows.get(known ?? '') ?? { edge: known, window: new LossWindow() };
    this.#windows.set(known ?? '', at);
    at.window.add(atMs, outcome.isIneffective);
  }

  /** Calls that ended since `sinceMs`, by edge; edges without any are left out. */
  since(sinceMs: number): readonly EdgeCalls[] {
    return [...this.#windows.values()].flatMap(({ edge, window }) => {
      const counts = window.countsSince(sinceMs);
      return counts.sent > 0 ? [{ edge, counts }] : [];
    });
  }
}
