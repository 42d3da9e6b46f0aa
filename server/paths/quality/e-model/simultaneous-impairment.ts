import type { EModelParameters } from './parameters.ts';
import type { SignalToNoise } from './signal-to-noise.ts';

/** Is with its three parts. */
export type SimultaneousImpairment = {
  readonly is: number;
  /** Too low an overall loudness rating. */
  readonly iolr: number;
  /** Sidetone that is not optimum; the delay impairment needs it again. */
  readonly ist: number;
  /** Quantizing distortion. */
  readonly iq: number;
};

/**
 * Is, the sum of impairments that occur more or less together with the voice.
 *
 * @see ITU-T G.107 §7.3 (equations 7-8 to 7-17).
 */
export function simultaneousImpairment(p: EModelParameters, { roDb, noDbm0p }: SignalToNoise): SimultaneousImpairment {
  const xolr = p.slrDb + p.rlrDb + 0.2 * (64 + noDbm0p - p.rlrDb);
  const iolr = 20 * ((1 + (xolr / 8) ** 8) ** (1 / 8) - xolr / 8);
  const ist = sidetone(p);
  const q = 37 - 15 * Math.log10(p.quantizationUnits);
  const g = 1.07 + 0.258 * q + 0.0602 * q ** 2;
  const y = (roDb - 100) / 15 + 46 / 8.4 - g / 9;
  const z = 46 / 30 - g / 40;
  const iq = 15 * Math.log10(1 + 10 ** y + 10 ** z);
  return { is: iolr + ist + iq, iolr, ist, iq };
}

/** Signed root: the bases go below 0 for very low sidetone ratings, and the even and odd powers keep their meaning. */
function rooted(base: number, power: number): number {
  return (1 + Math.abs(base) ** power) ** (1 / power);
}

function sidetone({ stmrDb, telrDb, echoDelayMs }: EModelParameters): number {
  const stmro = -10 * Math.log10(10 ** (-stmrDb / 10) + Math.exp(-echoDelayMs / 4) * 10 ** (-telrDb / 10));
  return (
    12 * rooted((stmro - 13) / 6, 8) - 28 * rooted((stmro + 1) / 19.4, 35) - 13 * rooted((stmro - 3) / 33, 13) + 29
  );
}
