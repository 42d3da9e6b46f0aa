import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { applyDialRules, type DialRule } from '../../../wire/dial-rules.ts';

/** A number to be priced. `country` (ISO 3166) and `type`, such as `PREMIUM_RATE`, are there where the numbering plan tells. */
export type PricedNumber =
  | {
      readonly ok: true;
      /** Digits of E.164, without `+`. */
      readonly e164: string;
      readonly by: 'international' | 'dial-rule' | 'national';
      readonly country?: string;
      readonly type?: string;
      /** False where the plan of its country has no such number; it is priced all the same. */
      readonly isValid: boolean;
    }
  | { readonly ok: false; readonly fault: 'not-a-number' | 'no-dial-rule' | 'not-e164' };

/** Whether the numbering plan of this country is known; ISO 3166, two letters. */
export function isKnownCountry(code: string): code is CountryCode {
  return isSupportedCountry(code);
}

/**
 * Turns a number as somebody writes or dials it into E.164. The dial rules of a PBX come first, if there are any: what none
 * of them takes the PBX would not dial. Without rules `+` and 00 stand before an international number, 011 too; other
 * numbers with a leading 0 need a country.
 *
 * @param country - whose national numbers are meant, ISO 3166.
 */
export function pricedNumber(
  text: string,
  { country, rules = [] }: { readonly country?: CountryCode | undefined; readonly rules?: readonly DialRule[] } = {},
): PricedNumber {
  const dialled = text.replaceAll(/[\s()./-]/g, '');
  if (!/^\+?[0-9]{1,30}$/.test(dialled)) return { ok: false, fault: 'not-a-number' };
  if (rules.length > 0) {
    const ruled = applyDialRules(rules, dialled);
    return ruled.ok ? planned(ruled.e164, 'dial-rule') : ruled;
  }
  const [, digits] = /^(?:\+|00|011)?([1-9][0-9]{1,14})$/.exec(dialled) ?? [];
  const isMarked = /^(\+|0)/.test(dialled);
  if (digits !== undefined && (isMarked || country === undefined)) return planned(digits, 'international');
  const national = country === undefined ? undefined : parsePhoneNumberFromString(dialled, country);
  return national ? planned(national.number.slice(1), 'national') : { ok: false, fault: 'not-e164' };
}

function planned(e164: string, by: Extract<PricedNumber, { readonly ok: true }>['by']): PricedNumber {
  const known = parsePhoneNumberFromString(`+${e164}`);
  const type = known?.getType();
  return {
    ok: true,
    e164,
    by,
    ...(known?.country && { country: known.country }),
    ...(type && { type }),
    isValid: known?.isValid() ?? false,
  };
}
