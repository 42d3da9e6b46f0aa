/** How a PBX writes numbers: one that begins with `prefix` loses `strip` characters and gets `prepend` in front. */
export type DialRule = { readonly prefix: string; readonly strip: number; readonly prepend: string };

/** Digits of E.164 without `+`, and the rule that made them; or why there are none. */
export type RuledNumber =
  | { readonly ok: true; readonly e164: string; readonly rule: DialRule }
  | { readonly ok: false; readonly fault: 'no-dial-rule' | 'not-e164' };

/**
 * Turns a dialled number into E.164 as the dialplan include does: of the rules that fit the one with the longest prefix
 * counts, as Asterisk takes the most specific pattern.
 *
 * @param dialled - digits, `+` allowed in front.
 * @returns `not-e164` where what the rule makes begins with 0, holds a `+` or has more than 15 digits or one alone (ITU-T E.164 §6.2.1).
 */
export function applyDialRules(rules: readonly DialRule[], dialled: string): RuledNumber {
  const [rule] = rules
    .filter(({ prefix }) => dialled.length > prefix.length && dialled.startsWith(prefix))
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  if (!rule) return { ok: false, fault: 'no-dial-rule' };
  const e164 = rule.prepend + dialled.slice(rule.strip);
  return /^[1-9][0-9]{1,14}$/.test(e164) ? { ok: true, e164, rule } : { ok: false, fault: 'not-e164' };
}
