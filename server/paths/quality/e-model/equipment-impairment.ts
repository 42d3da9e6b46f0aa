/** Constant of equation 7-29, also in the wide-band form (G.107.1 equation 7-15), where it is not 129. */
const FULL_LOSS_IMPAIRMENT = 95;

/** What a codec does to speech, and what loss does to the codec. */
export type EquipmentInput = {
  /** Ie or Ie,wb, on the codec's own scale. */
  readonly ie: number;
  /** Bpl, packet-loss robustness factor, above 0. */
  readonly bpl: number;
  /** Ppl in percent, 0 to 100; jitter-buffer discards belong to it (RFC 3611 §4.7.1). */
  readonly lossPercent: number;
  /** BurstR, 1 for random loss, above 1 for bursts. */
  readonly burstRatio: number;
};

/**
 * Ie,eff, the equipment impairment with loss.
 *
 * @see ITU-T G.107 §7.5 (equation 7-29).
 */
export function equipmentImpairment({ ie, bpl, lossPercent, burstRatio }: EquipmentInput): number {
  if (lossPercent <= 0) return ie;
  return ie + (FULL_LOSS_IMPAIRMENT - ie) * (lossPercent / (lossPercent / burstRatio + bpl));
}
