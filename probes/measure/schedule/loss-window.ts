/** Attempts after which one of them has lost about two thirds of its weight. */
const HORIZON_ATTEMPTS = 400;

/** Loss of one target as remembered by the schedule; weights fade, so both figures are fractional. */
export type LossWindow = { readonly sent: number; readonly missed: number };

/** Nothing seen yet. */
export const NO_LOSS_SEEN: LossWindow = { sent: 0, missed: 0 };

/** Folds attempts of an unbiased schedule (`liveness` or `loss`) into the memory, the older fading first. */
export function addToLoss(window: LossWindow, sent: number, missed: number): LossWindow {
  const kept = (1 - 1 / HORIZON_ATTEMPTS) ** sent;
  return { sent: window.sent * kept + sent, missed: window.missed * kept + missed };
}

/**
 * Loss to judge a run of misses by: Laplace's rule of succession, so that few attempts read as much loss and ask for
 * more misses (0.5 with none seen, below 0.01 from about 110 answered in a row).
 *
 * @returns 0 to 1, never exactly 0.
 */
export function carefulLossRatio(window: LossWindow): number {
  return (window.missed + 1) / (window.sent + 2);
}
