import { callOutcome } from '../paths/quality/call-outcome.ts';
import type { CountedCall } from '../paths/quality/call-window.ts';
import { wilsonInterval } from '../paths/wilson.ts';
import type { PlannedRoute } from './route-plan.ts';

/** Calls that ended at a trunk while a proposal stood, and those of them that failed in the network. */
export type ScoredCalls = { readonly calls: number; readonly failed: number };

/** A time in which observe mode would have had another trunk lead than did. Hub time. */
export type Observed = {
  readonly pbx: string;
  readonly class: string;
  /** The trunk that led, and the one that would have. */
  readonly actual: string;
  readonly proposed: string;
  readonly sinceMs: number;
  readonly onActual: ScoredCalls;
  readonly onProposed: ScoredCalls;
};

const NONE: ScoredCalls = { calls: 0, failed: 0 };

/**
 * Keeps score in observe mode: what happened on the trunk that led against what did on the one that was proposed. Calls whose class
 * was not told count for every proposal of their PBX. Mutable, free of I/O; it begins anew with the hub.
 */
export class ObserveScore {
  readonly #open = new Map<string, Observed>();

  /** Takes routes that were planned anew. @returns what was observed of proposals that are over. */
  take(routes: readonly PlannedRoute[], nowMs: number): readonly Observed[] {
    return routes.flatMap((route) => {
      const { class: name, current, mode, pbx, trunks } = route;
      const key = `${pbx} ${name}`;
      const [actual, proposed] = [current[0]?.trunk ?? '', trunks[0]?.trunk ?? ''];
      const open = this.#open.get(key);
      const isProposed = mode === 'observe' && actual !== proposed;
      if (open && isProposed && open.actual === actual && open.proposed === proposed) return [];
      this.#open.delete(key);
      if (isProposed) {
        this.#open.set(key, { pbx, class: name, actual, proposed, sinceMs: nowMs, onActual: NONE, onProposed: NONE });
      }
      return open ? [open] : [];
    });
  }

  /** A call of a PBX has ended. One that says nothing of its trunk is passed over. */
  callEnded(
    pbx: string,
    place: { readonly trunk: string; readonly class: string | undefined },
    call: CountedCall,
  ): void {
    if (this.#open.size === 0) return;
    const outcome = callOutcome(call);
    if (!outcome.isKnown || outcome.isElsewhere || outcome.isRedirected || outcome.isAbandonedEarly) return;
    for (const [key, open] of this.#open) {
      if (open.pbx !== pbx || (place.class ?? open.class) !== open.class) continue;
      if (place.trunk === open.actual) {
        this.#open.set(key, { ...open, onActual: counted(open.onActual, outcome.isNetworkEffective) });
      } else if (place.trunk === open.proposed) {
        this.#open.set(key, { ...open, onProposed: counted(open.onProposed, outcome.isNetworkEffective) });
      }
    }
  }

  /** What is being observed of a route now; undefined where nothing else is proposed. */
  of(pbx: string, className: string): Observed | undefined {
    return this.#open.get(`${pbx} ${className}`);
  }
}

/**
 * Tells what was observed in one sentence. What the proposal would have saved is said only as far as calls at the proposed trunk
 * bear it out, as a 95 % interval; below 0 it would have cost calls.
 */
export function observedSentence(observed: Observed, nowMs: number): string {
  const { actual, class: name, onActual, onProposed, pbx, proposed, sinceMs } = observed;
  const lastedS = Math.round((nowMs - sinceMs) / 1000);
  const head = `${name} on ${pbx}: for ${lastedS} s ${proposed} was proposed instead of ${actual}, and nothing was changed (observe mode)`;
  if (onActual.calls === 0) return `${head}. No calls ended at ${actual}: nothing was lost and nothing to be won.`;
  const did = `${head}. Of ${onActual.calls} calls at ${actual} ${onActual.failed} failed in the network`;
  if (onProposed.calls === 0) return `${did}; none ended at ${proposed}, so what it would have done is not known.`;
  const { highRatio, lowRatio } = wilsonInterval({ sent: onProposed.calls, lost: onProposed.failed });
  const least = Math.floor(onActual.failed - onActual.calls * highRatio);
  const most = Math.floor(onActual.failed - onActual.calls * lowRatio);
  return `${did}; of ${onProposed.calls} at ${proposed} ${onProposed.failed} did. Enforced, it would have saved ${least} to ${most} calls (95 %).`;
}

function counted({ calls, failed }: ScoredCalls, isEffective: boolean): ScoredCalls {
  return { calls: calls + 1, failed: failed + (isEffective ? 0 : 1) };
}
