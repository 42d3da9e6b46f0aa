/** MOS of the narrow-band scale. Branded, so that it can never be averaged or compared with {@link MosWb}. */
export type MosNb = number & { readonly scale: 'narrow-band' };

/** MOS of the wide-band scale (G.107.1). */
export type MosWb = number & { readonly scale: 'wide-band' };

/** R of a perfect connection on the wide-band scale against 100 of the narrow-band one. */
const WIDE_BAND_STRETCH = 1.29;

/**
 * MOS_CQE of a rating, 1 to 4.5. The cubic of the Recommendation dips below 1 for R under 6.5; it is held at 1.
 *
 * @see ITU-T G.107 annex B (equation B-4).
 */
export function mosOfRating(rFactor: number): MosNb {
  return cubic(rFactor) as MosNb;
}

/**
 * MOS_CQEW of a wide-band rating, whose top is 129.
 *
 * @see ITU-T G.107.1 §7 and annex A.
 */
export function mosOfWideBandRating(rFactor: number): MosWb {
  return cubic(rFactor / WIDE_BAND_STRETCH) as MosWb;
}

/**
 * R of a narrow-band MOS between 1 and 4.5; outside it the nearer end.
 *
 * @see ITU-T G.107 appendix I.
 */
export function ratingOfMos(mos: number): number {
  if (mos <= 1) return 0;
  if (mos >= 4.5) return 100;
  const x = 18_566 - 6750 * mos;
  const y = 15 * Math.sqrt(-903_522 + 1_113_960 * mos - 202_500 * mos ** 2);
  const angle = x >= 0 ? Math.atan(y / x) : Math.PI - Math.atan(y / -x);
  return (20 / 3) * (8 - Math.sqrt(226) * Math.cos(angle / 3 + Math.PI / 3));
}

function cubic(rFactor: number): number {
  if (rFactor <= 0) return 1;
  if (rFactor >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * rFactor + rFactor * (rFactor - 60) * (100 - rFactor) * 7e-6);
}
