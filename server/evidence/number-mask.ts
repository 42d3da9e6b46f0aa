/** Something that can be a telephone number: `+` and digits with the usual separators, or seven digits and more in a row. */
const NUMBER = /\+\d[\d ()/-]{5,}\d|(?<![\w.:-])\d{7,}(?!\d|\.\d|[\w.-]*[A-Za-z_])/g;
/** User part of a SIP or tel URI made of digits. */
const URI_USER = /(?<=\b(?:sips?|tel):)\+?\d{3,}/gi;
/** As Asterisk names a channel: seconds of its birth and a number, with the system's name before them where it has one. */
const ASTERISK_ID = /^(?:[A-Za-z][\w.-]*-)?\d{9,10}\.\d+$/;

/**
 * Hides telephone numbers in a text: of a number stay the first four digits and, from ten digits on, the last two, so that two
 * calls to one number can still be told to be alike. Addresses, identifiers and figures are left alone.
 */
export function maskNumbers(text: string): string {
  return text.replace(URI_USER, masked).replace(NUMBER, masked);
}

/** Hides a call's identifier unless it is one that Asterisk makes itself: those hold a time and a count, no number. */
export function maskCallName(name: string): string {
  return ASTERISK_ID.test(name) && !/\d{7,}.*-/.test(name) ? name : name.replace(/\d{7,}/g, masked);
}

function masked(found: string): string {
  const digits = found.replace(/\D/g, '').length;
  const head = Math.min(4, Math.max(0, digits - 3));
  const tail = digits >= 10 ? 2 : 0;
  let at = 0;
  return found.replace(/\d/g, (digit) => {
    at += 1;
    return at <= head || at > digits - tail ? digit : '*';
  });
}
