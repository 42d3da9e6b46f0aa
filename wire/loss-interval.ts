/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** An interval of a ratio, both ends 0 to 1. */
export type RatioInterval = { readonly lowRatio: number; readonly highRatio: number };

/**
 * Wilson score interval at 95 % of a loss ratio.
 *
 * @param sent - attempts, at least 0; may be fractional where old attempts are weighed down.
 * @param lost - of them without an answer, 0 to `sent`.
 * @returns 0 to 1 where nothing was sent: no data excludes nothing.
 * @see E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 */
export function lossInterval(sent: number, lost: number): RatioInterval {
  if (!(sent > 0)) return { lowRatio: 0, highRatio: 1 };
  const ratio = Math.min(1, Math.max(0, lost / sent));
  const spread = (Z * Z) / sent;
  const centre = ratio + spread / 2;
  const half = Z * Math.sqrt((ratio * (1 - ratio)) / sent + spread / (4 * sent));
  return {
    lowRatio: Math.max(0, (centre - half) / (1 + spread)),
    highRatio: Math.min(1, (centre + half) / (1 + spread)),
  };
}
