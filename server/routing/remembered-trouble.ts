import type { CallTrouble, TroubleStep } from './call-trouble.ts';

/**
 * What calls of before make of a trunk while none of now may be judged: a hold runs on, and after it the trunk stays half-open,
 * since nothing can prove it well. Trouble on the own side gives no trunk back what its calls took from it.
 */
export function rememberedEffect({ hold, isPoor }: CallTrouble, nowMs: number): TroubleStep['effect'] {
  const spoilt = 'no call is judged while this side is in trouble';
  if (hold.phase !== 'free' && nowMs < hold.holdUntilMs) {
    const leftS = Math.ceil((hold.holdUntilMs - nowMs) / 1000);
    return { tier: 'degraded', clause: `its calls failed; held for another ${leftS} s (strike ${hold.strikes})` };
  }
  if (hold.phase !== 'free') {
    return { tier: 'half-open', clause: `half-open after failed calls (strike ${hold.strikes}); ${spoilt}` };
  }
  return isPoor ? { tier: 'shedding', clause: `its calls were poor; ${spoilt}` } : undefined;
}
