import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvDecoder, type CsvRecord, MAX_RECORD_CHARACTERS } from '../../../../server/spend/rates/csv-decoder.ts';

function decode(...parts: readonly string[]): readonly CsvRecord[] {
  const decoder = new CsvDecoder();
  return [...parts.flatMap((part) => decoder.feed(part)), ...decoder.end()];
}

const TEXT = '\u{FEFF}a,b,c\r\n1,"x, y",3\r\n\r\n"li""ne\r\nbreak",,"z"\n4,5,6';
const RECORDS = [
  { line: 1, fields: ['a', 'b', 'c'] },
  { line: 2, fields: ['1', 'x, y', '3'] },
  { line: 4, fields: ['li"ne\r\nbreak', '', 'z'] },
  { line: 6, fields: ['4', '5', '6'] },
];

describe('the reader of CSV', () => {
  it('reads quotes, doubled quotes, line breaks in quotes and both line ends (RFC 4180 §2)', () => {
    expect(decode(TEXT)).toEqual(RECORDS);
  });

  it('reads the same wherever the text is cut', () => {
    for (let at = 0; at <= TEXT.length; at += 1) expect(decode(TEXT.slice(0, at), TEXT.slice(at))).toEqual(RECORDS);
    expect(decode(...Array.from(TEXT))).toEqual(RECORDS);
  });

  it.each([
    ['a;b,c;d\n1;2;3', ['1', '2', '3']],
    ['a\tb\n1\t2', ['1', '2']],
    ['a|b\n1|2', ['1', '2']],
    ['"x,y,z";b\n1;2', ['1', '2']],
  ])('takes the separator that divides the first line most often: %j', (text, fields) => {
    expect(decode(text)[1]).toEqual({ line: 2, fields });
  });

  it.each([
    ['a,b\n1,x"y\n3,4', 'stray-quote'],
    ['a,b\n1,"x"y\n3,4', 'stray-quote'],
    ['a,b\n1,"x\n3,4', 'unclosed-quote'],
    [`a,b\n${'9'.repeat(MAX_RECORD_CHARACTERS + 1)}\n3,4`, 'too-long'],
    [`a,b\n1,"${'9\n'.repeat(MAX_RECORD_CHARACTERS)}\n3,4`, 'unclosed-quote'],
  ] as const)('names the line that it cannot read and goes on behind it (%#)', (text, fault) => {
    const records = decode(text);
    expect(records[1]).toEqual({ line: 2, fault });
    expect(records.at(-1)).toMatchObject({ fields: ['3', '4'] });
  });

  it('never throws, gives lines in order, and gives the same in two parts as in one', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '1', ',', ';', '"', '\r', '\n', ' ') });
    fc.assert(
      fc.property(text, text, (first, second) => {
        const whole = decode(first + second);
        expect(decode(first, second)).toEqual(whole);
        for (const [at, { line }] of whole.entries()) expect(line).toBeGreaterThan(whole[at - 1]?.line ?? 0);
      }),
      { numRuns: 500 },
    );
  });
});
