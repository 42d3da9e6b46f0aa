import { delayImpairment } from './delay-impairment.ts';
import { type EquipmentInput, equipmentImpairment } from './equipment-impairment.ts';
import { E_MODEL_DEFAULTS } from './parameters.ts';
import { delayOf } from './rating.ts';
import { signalToNoise } from './signal-to-noise.ts';

/** Ro − Is of the wide-band model at its default values. */
const WIDE_BAND_TOP = 129;

/**
 * R on the wide-band scale at the default values of everything but codec, loss and delay: R = 129 − Id,wb − Ie,eff,wb. Of
 * the delay only the absolute part is taken (Idd is the same in both Recommendations); echo is held to be controlled.
 *
 * @param oneWayMs - mouth-to-ear delay, milliseconds.
 * @see ITU-T G.107.1 §7 (equations 7-1, 7-15).
 */
export function rateWideBand(equipment: EquipmentInput, oneWayMs: number): number {
  const parameters = { ...E_MODEL_DEFAULTS, ...delayOf(oneWayMs) };
  const { idd } = delayImpairment(parameters, signalToNoise(parameters), 0);
  return WIDE_BAND_TOP - idd - equipmentImpairment(equipment);
}
