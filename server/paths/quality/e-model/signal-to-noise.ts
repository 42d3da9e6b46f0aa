import type { EModelParameters } from './parameters.ts';

/** Basic signal-to-noise ratio with the noise power sum that later terms need, both in dB. */
export type SignalToNoise = { readonly roDb: number; readonly noDbm0p: number };

/**
 * Ro, the basic signal-to-noise ratio.
 *
 * @see ITU-T G.107 §7.2 (equations 7-2 to 7-7).
 */
export function signalToNoise(p: EModelParameters): SignalToNoise {
  const olrDb = p.slrDb + p.rlrDb;
  const sendRoomDbm0p =
    p.sendRoomNoiseDba - p.slrDb - p.dsDb - 100 + 0.004 * (p.sendRoomNoiseDba - olrDb - p.dsDb - 14) ** 2;
  const sidetoneNoiseDba = p.receiveRoomNoiseDba + 10 * Math.log10(1 + 10 ** ((10 - p.lstrDb) / 10));
  const receiveRoomDbm0p = p.rlrDb - 121 + sidetoneNoiseDba + 0.008 * (sidetoneNoiseDba - 35) ** 2;
  const floorDbm0p = p.noiseFloorDbmp + p.rlrDb;
  const noDbm0p =
    10 *
    Math.log10(
      10 ** (p.circuitNoiseDbm0p / 10) +
        10 ** (sendRoomDbm0p / 10) +
        10 ** (receiveRoomDbm0p / 10) +
        10 ** (floorDbm0p / 10),
    );
  return { roDb: 15 - 1.5 * (p.slrDb + noDbm0p), noDbm0p };
}
