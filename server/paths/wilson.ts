import type { LossEstimate } from './path-health.ts';

/** Two-sided 95 % point of the standard normal distribution. */
const Z_95 = 1.959964;

/** How many of how many samples were lost; integers, `lost` at most `sent`. */
export type SampleCount = { readonly sent: number; readonly lost: number };

/**
 * Wilson score interval at 95 % for a loss ratio.
 *
 * @returns both ends, 0 to 1. With nothing sent nothing is known: 0 to 1.
 * @see E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
 */
export function wilsonInterval({ sent, lost }: SampleCount): { readonly lowRatio: number; readonly highRatio: number } {
  if (sent <= 0) return { lowRatio: 0, highRatio: 1 };
  const ratio = lost / sent;
  const z2 = Z_95 * Z_95;
  const centre = ratio + z2 / (2 * sent);
  const spread = Z_95 * Math.sqrt((ratio * (1 - ratio)) / sent + z2 / (4 * sent * sent));
  const scale = 1 + z2 / sent;
  return {
    lowRatio: lost === 0 ? 0 : Math.max(0, (centre - spread) / scale),
    highRatio: lost === sent ? 1 : Math.min(1, (centre + spread) / scale),
  };
}

/**
 * Loss with its interval, n and window (safety rule 1).
 *
 * @param windowMs - the window the counts were taken over, milliseconds.
 * @returns `lossRatio` 0 with interval 0 to 1 when nothing was sent.
 */
export function lossEstimate(count: SampleCount, windowMs: number): LossEstimate {
  const { sent, lost } = count;
  return { sent, lost, lossRatio: sent > 0 ? lost / sent : 0, ...wilsonInterval(count), windowMs };
}
