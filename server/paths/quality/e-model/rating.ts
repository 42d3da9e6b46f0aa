import { type DelayImpairment, delayImpairment } from './delay-impairment.ts';
import { equipmentImpairment } from './equipment-impairment.ts';
import { E_MODEL_DEFAULTS, type EModelParameters } from './parameters.ts';
import { signalToNoise } from './signal-to-noise.ts';
import { type SimultaneousImpairment, simultaneousImpairment } from './simultaneous-impairment.ts';

/** R with every term that made it. */
export type Rating = {
  readonly rFactor: number;
  readonly roDb: number;
  readonly simultaneous: SimultaneousImpairment;
  readonly delay: DelayImpairment;
  readonly ieEff: number;
};

/**
 * R of a narrow-band connection, the whole of the E-model: R = Ro − Is − Id − Ie,eff + A. Not clamped: below 0 and above 100
 * are for the MOS scale to hold.
 *
 * @param given - what differs from the default values.
 * @see ITU-T G.107 §7.1 (equation 7-1).
 */
export function rate(given: Partial<EModelParameters>): Rating {
  const parameters = { ...E_MODEL_DEFAULTS, ...given };
  const noise = signalToNoise(parameters);
  const simultaneous = simultaneousImpairment(parameters, noise);
  const delay = delayImpairment(parameters, noise, simultaneous.ist);
  const ieEff = equipmentImpairment(parameters);
  const rFactor = noise.roDb - simultaneous.is - delay.id - ieEff + parameters.advantage;
  return { rFactor, roDb: noise.roDb, simultaneous, delay, ieEff };
}

/** Delay of a connection whose echo path is the connection itself: T = Ta and Tr = 2 Ta, echo control at its default. */
export function delayOf(
  oneWayMs: number,
): Pick<EModelParameters, 'absoluteDelayMs' | 'echoDelayMs' | 'roundTripDelayMs'> {
  return { absoluteDelayMs: oneWayMs, echoDelayMs: oneWayMs, roundTripDelayMs: 2 * oneWayMs };
}
