import { MAX_PRICE_MICROS } from '../../../wire/charge.ts';

/** Micro-units of a decimal, or why there are none. */
export type DecimalMicros =
  | { readonly ok: true; readonly micros: number }
  | { readonly ok: false; readonly fault: 'not-a-price' | 'negative' | 'too-dear' };

/**
 * Reads a price as decks write it, `0.0123` or `0,0123`, to whole micro-units. No sign of thousands, no currency and no power of ten is
 * guessed at: what is not plain is refused.
 *
 * @param mark - the decimal mark; the other of the two is refused.
 * @returns digits beyond the sixth are rounded up, so that no price becomes 0 by rounding; `too-dear` above {@link MAX_PRICE_MICROS}.
 */
export function decimalMicros(text: string, mark: '.' | ','): DecimalMicros {
  const plain = text.trim();
  const match = (mark === '.' ? DOT : COMMA).exec(plain);
  if (!match) return { ok: false, fault: /^-[0-9.,]+$/.test(plain) ? 'negative' : 'not-a-price' };
  const [, whole = '', fraction = ''] = match;
  if (whole.length + fraction.length === 0) return { ok: false, fault: 'not-a-price' };
  if (whole.length > 9) return { ok: false, fault: 'too-dear' };
  const kept = Number(fraction.slice(0, 6).padEnd(6, '0'));
  const micros = Number(whole) * 1_000_000 + kept + (/[1-9]/.test(fraction.slice(6)) ? 1 : 0);
  return micros > MAX_PRICE_MICROS ? { ok: false, fault: 'too-dear' } : { ok: true, micros };
}

const DOT = /^([0-9]{0,20})(?:\.([0-9]{0,20}))?$/;
const COMMA = /^([0-9]{0,20})(?:,([0-9]{0,20}))?$/;
