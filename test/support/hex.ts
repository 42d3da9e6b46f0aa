/**
 * Bytes of annotated hexadecimal: digits up to a `|` on each line, remarks after it.
 *
 * @throws Error for anything but pairs of digits.
 */
export function hex(text: string): Uint8Array {
  const digits = text
    .split('\n')
    .map((line) => line.split('|')[0] ?? '')
    .join('')
    .replaceAll(/\s/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error('expected pairs of hexadecimal digits');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
