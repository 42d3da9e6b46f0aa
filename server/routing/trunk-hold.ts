import type { Evidence } from './edge-evidence.ts';
import type { RoutePolicy } from './route-policy.ts';

/**
 * Memory of a trunk's troubles at one PBX (flap damping). A demoted trunk is `bad`, then `recovering` from its first good
 * evidence on; it is `free` again once its hold has passed and half-open evidence is in. Hub time.
 */
export type TrunkHold = {
  readonly phase: 'free' | 'bad' | 'recovering';
  /** Times it went bad, less what was forgiven; the hold doubles with each. */
  readonly strikes: number;
  readonly lastBadAtMs: number;
  readonly holdUntilMs: number;
};

/** A trunk that was never in trouble. */
export const NO_HOLD: TrunkHold = { phase: 'free', strikes: 0, lastBadAtMs: 0, holdUntilMs: 0 };

/** A trunk found demoted in an adopted plan: no hold is known, but it needs half-open evidence from now on (rule 9). */
export function adoptedHold(nowMs: number): TrunkHold {
  return { phase: 'bad', strikes: 1, lastBadAtMs: nowMs, holdUntilMs: nowMs };
}

/**
 * Advances the hold of one trunk by what speaks for or against it now. Unknown moves nothing (safety rule 2): it neither
 * demotes nor lets a hold end. Trouble that comes again while the trunk is still held is the same trouble: it makes the hold
 * last from then on, and is no further strike (a dead edge answers again while the verdict on it is still open).
 */
export function stepHold(hold: TrunkHold, evidence: Evidence, policy: RoutePolicy, nowMs: number): TrunkHold {
  switch (evidence.kind) {
    case 'unknown':
      return hold;
    case 'hard-down':
    case 'degraded': {
      const isSameTrouble = hold.phase === 'bad' || (hold.phase === 'recovering' && nowMs < hold.holdUntilMs);
      const strikes = isSameTrouble ? hold.strikes : strikesNow(hold, policy, nowMs) + 1;
      return { phase: 'bad', strikes, lastBadAtMs: nowMs, holdUntilMs: nowMs + holdMs(strikes, policy) };
    }
    case 'good':
      if (hold.phase === 'free') return hold;
      if (halfOpenGap(hold, evidence, policy, nowMs) === undefined) return { ...hold, phase: 'free' };
      return hold.phase === 'recovering' ? hold : { ...hold, phase: 'recovering' };
    default:
      return evidence satisfies never;
  }
}

/** Length of the hold after so many strikes: doubling from `holdDownMs`, at most `maxHoldDownMs`. */
export function holdMs(strikes: number, policy: RoutePolicy): number {
  return Math.min(policy.maxHoldDownMs, policy.holdDownMs * 2 ** Math.max(0, strikes - 1));
}

/** What a demoted trunk still lacks before it may lead again, as a clause; undefined when nothing. */
export function halfOpenGap(
  hold: TrunkHold,
  evidence: Extract<Evidence, { kind: 'good' }>,
  policy: RoutePolicy,
  nowMs: number,
): string | undefined {
  if (nowMs < hold.holdUntilMs) return `held for another ${Math.ceil((hold.holdUntilMs - nowMs) / 1000)} s`;
  if (!evidence.isClean) return 'half-open, but its loss test has not cleared';
  const goodMs = nowMs - Math.max(evidence.goodSinceMs, hold.holdUntilMs);
  if (goodMs < policy.halfOpenMs) {
    return `half-open, healthy for ${Math.floor(goodMs / 1000)} of ${Math.ceil(policy.halfOpenMs / 1000)} s`;
  }
  if (evidence.samples < policy.halfOpenSamples) {
    return `half-open, ${evidence.samples} of ${policy.halfOpenSamples} samples`;
  }
  return undefined;
}

function strikesNow(hold: TrunkHold, policy: RoutePolicy, nowMs: number): number {
  const forgiven = Math.floor((nowMs - hold.lastBadAtMs) / policy.forgiveAfterMs);
  return Math.max(0, hold.strikes - forgiven);
}
