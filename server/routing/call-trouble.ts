import type { LedgerCall } from './call-ledger.ts';
import { type CallGround, type CallStanding, callStanding, type MosLook, nerText } from './call-standing.ts';
import type { RoutePolicy } from './route-policy.ts';
import { NO_HOLD, stepHold, type TrunkHold } from './trunk-hold.ts';

/** Memory of what calls of one class said against a trunk at one PBX. */
export type CallTrouble = {
  /** Calls failed: the trunk is held, then half-open, as after any other trouble. */
  readonly hold: TrunkHold;
  /** A share of its calls goes elsewhere. */
  readonly isPoor: boolean;
};

/** What a step of the memory looks at. */
export type TroubleGround = {
  /** The latest calls at the trunk, oldest first. */
  readonly calls: readonly LedgerCall[];
  /** End of the latest call of the class at any trunk; undefined where none was seen. */
  readonly latestAtMs: number | undefined;
  readonly otherAsrLow: CallGround['otherAsrLow'];
  /** MOS of the packets of calls since then; undefined where too little was told. */
  readonly mosSince: (sinceMs: number) => MosLook | undefined;
  /** Until when trouble on this PBX's own side spoiled its calls; undefined for never. */
  readonly spoiltUntilMs: number | undefined;
};

/** The memory after a step; undefined when nothing is held against the trunk. */
export type TroubleStep = {
  readonly trouble: CallTrouble | undefined;
  readonly standing: CallStanding;
  /** What the calls make of the trunk now, as a clause; undefined for nothing. */
  readonly effect: { readonly tier: 'degraded' | 'half-open' | 'shedding'; readonly clause: string } | undefined;
};

/**
 * Advances what calls say against a trunk. Failing stops it for a hold that doubles with each relapse; then it is half-open and
 * needs `canary.calls` good calls, or, while the class has no calls at all, probes alone. Poor makes it shed a share until its
 * figures are well. Calls from before it last failed, or from while this side itself was in trouble, do not count.
 */
export function stepTrouble(
  before: CallTrouble | undefined,
  ground: TroubleGround,
  policy: RoutePolicy,
  nowMs: number,
): TroubleStep {
  const { latestAtMs, mosSince, otherAsrLow, spoiltUntilMs = 0 } = ground;
  const known = before?.hold ?? NO_HOLD;
  const sinceMs = Math.max(nowMs - policy.calls.windowMs, spoiltUntilMs, known.lastBadAtMs);
  const calls = callsSince(ground.calls, sinceMs);
  const look = { calls, otherAsrLow, mos: mosSince(sinceMs), wasPoor: before?.isPoor === true };
  const standing = callStanding(look, policy.calls);
  const isQuiet = latestAtMs === undefined || nowMs - latestAtMs >= policy.canary.probesAloneAfterMs;
  const hold = nextHold(known, standing, isQuiet, policy, nowMs);
  const isPoor = standing.stage === 'poor' || (before?.isPoor === true && standing.stage === 'unknown' && !isQuiet);
  const isForgotten = hold.phase === 'free' && nowMs - hold.lastBadAtMs >= policy.forgiveAfterMs * hold.strikes;
  const isSame = before?.hold === hold && before.isPoor === isPoor;
  const trouble = isForgotten && !isPoor ? undefined : isSame ? before : { hold, isPoor };
  return { trouble, standing, effect: effectOf(hold, isPoor, { calls, standing }, policy, nowMs) };
}

/** Those calls that ended after that time, of calls in the order of their ends; the very same list where all did. */
export function callsSince(calls: readonly LedgerCall[], sinceMs: number): readonly LedgerCall[] {
  let from = 0;
  for (let call = calls[0]; call && call.atMs <= sinceMs; call = calls[from]) from += 1;
  return from === 0 ? calls : calls.slice(from);
}

function nextHold(
  before: TrunkHold,
  { effective, reason, stage }: CallStanding,
  isQuiet: boolean,
  policy: RoutePolicy,
  nowMs: number,
): TrunkHold {
  const isOver = before.phase !== 'free' && nowMs >= before.holdUntilMs;
  const known: TrunkHold = isOver && before.phase === 'bad' ? { ...before, phase: 'recovering' } : before;
  if (stage === 'failing') return stepHold(known, { kind: 'degraded', reason, verdictId: undefined }, policy, nowMs);
  const isProven = effective >= policy.canary.calls && stage === 'fine';
  return isOver && (isProven || isQuiet) ? { ...known, phase: 'free' } : known;
}

function effectOf(
  hold: TrunkHold,
  isPoor: boolean,
  { calls, standing }: { readonly calls: readonly LedgerCall[]; readonly standing: CallStanding },
  policy: RoutePolicy,
  nowMs: number,
): TroubleStep['effect'] {
  if (hold.phase !== 'free' && nowMs < hold.holdUntilMs) {
    const leftS = Math.ceil((hold.holdUntilMs - nowMs) / 1000);
    const clause = standing.stage === 'failing' ? standing.reason : 'its calls failed';
    return { tier: 'degraded', clause: `${clause}; held for another ${leftS} s (strike ${hold.strikes})` };
  }
  if (hold.phase !== 'free') {
    const clause = `half-open after failed calls (strike ${hold.strikes}), ${standing.effective} of ${policy.canary.calls} calls since: ${nerText(calls)}`;
    return { tier: 'half-open', clause };
  }
  return isPoor ? { tier: 'shedding', clause: `calls are poor: ${standing.reason}` } : undefined;
}
