/** Attempts after which one of them has lost about two thirds of its weight. */
const HORIZON_ATTEMPTS = 800;

/** 97.5 % quantile of the normal distribution: a two-sided 95 % interval. */
const Z_95 = 1.959_964;

/**
 * Loss of one path before its present run of misses, which sets how many misses make it hard-down. Weights fade, so both
 * figures are fractional. Outages are left out by the caller: they are not loss, and would make the next one slower to see.
 */
export type LossBeforeRun = { readonly sent: number; readonly missed: number };

/** Nothing seen yet. */
export const NO_LOSS_SEEN: LossBeforeRun = { sent: 0, missed: 0 };

/** Folds attempts of an unbiased schedule (`liveness` or `loss`) into the memory, the older fading first. */
export function addToLoss(memory: LossBeforeRun, sent: number, missed: number): LossBeforeRun {
  const kept = (1 - 1 / HORIZON_ATTEMPTS) ** sent;
  return { sent: memory.sent * kept + sent, missed: memory.missed * kept + missed };
}

/**
 * Loss to judge a run of misses by, the same for probe and hub so that the probe confirms as often as the hub asks for:
 * the upper end of the Wilson 95 % interval, so that few attempts read as much loss and ask for more misses (below 0.03
 * from about 125 answered in a row).
 *
 * @returns 0 to 1, never exactly 0; 1 with none seen.
 */
export function carefulLossRatio({ sent, missed }: LossBeforeRun): number {
  if (sent <= 0) return 1;
  const ratio = Math.min(1, missed / sent);
  const z2 = Z_95 * Z_95;
  const spread = Z_95 * Math.sqrt((ratio * (1 - ratio)) / sent + z2 / (4 * sent * sent));
  return Math.min(1, (ratio + z2 / (2 * sent) + spread) / (1 + z2 / sent));
}
