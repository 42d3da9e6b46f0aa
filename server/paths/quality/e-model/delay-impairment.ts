import type { EModelParameters } from './parameters.ts';
import type { SignalToNoise } from './signal-to-noise.ts';

/** Id with its three parts. */
export type DelayImpairment = {
  readonly id: number;
  /** Talker echo. */
  readonly idte: number;
  /** Listener echo. */
  readonly idle: number;
  /** Absolute delay, also without echo. */
  readonly idd: number;
};

/**
 * Id, the impairments caused by delay and echo.
 *
 * @param ist - sidetone impairment of `simultaneousImpairment`.
 * @see ITU-T G.107 §7.4 (equations 7-18 to 7-28; the delay sensitivity class came with the edition of 06/2015).
 */
export function delayImpairment(p: EModelParameters, { roDb, noDbm0p }: SignalToNoise, ist: number): DelayImpairment {
  const idte = talkerEcho(p, noDbm0p, ist);
  const rle = 10.5 * (p.weplDb + 7) * (p.roundTripDelayMs + 1) ** (-1 / 4);
  const idle = (roDb - rle) / 2 + Math.sqrt((roDb - rle) ** 2 / 4 + 169);
  const idd = absoluteDelay(p);
  return { id: idte + idle + idd, idte, idle, idd };
}

function talkerEcho(p: EModelParameters, noDbm0p: number, ist: number): number {
  const { echoDelayMs: t, stmrDb, telrDb } = p;
  if (t < 1) return 0;
  const terv = telrDb - 40 * Math.log10((1 + t / 10) / (1 + t / 150)) + 6 * Math.exp(-0.3 * t ** 2);
  const roe = -1.5 * (noDbm0p - p.rlrDb);
  const re = 80 + 2.5 * ((stmrDb < 9 ? terv + ist / 2 : terv) - 14);
  const idte = ((roe - re) / 2 + Math.sqrt((roe - re) ** 2 / 4 + 100) - 1) * (1 - Math.exp(-t));
  return stmrDb > 20 ? Math.sqrt(idte ** 2 + ist ** 2) : idte;
}

function absoluteDelay({ absoluteDelayMs, delaySensitivity, minimumPerceivableDelayMs }: EModelParameters): number {
  if (absoluteDelayMs <= minimumPerceivableDelayMs) return 0;
  const x = Math.log2(absoluteDelayMs / minimumPerceivableDelayMs);
  const power = 6 * delaySensitivity;
  return 25 * ((1 + x ** power) ** (1 / power) - 3 * (1 + (x / 3) ** power) ** (1 / power) + 2);
}
