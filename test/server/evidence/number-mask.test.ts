import { describe, expect, it } from 'vitest';
import { maskCallName, maskNumbers } from '../../../server/evidence/number-mask.ts';

describe('telephone numbers in texts', () => {
  it.each([
    ['called 491701234567.', 'called 4917******67.'],
    ['called +491701234567', 'called +4917******67'],
    ['called +49 (170) 123-4567 twice', 'called +49 (17*) ***-**67 twice'],
    ['sip:491701234567@203.0.113.7:5060', 'sip:4917******67@203.0.113.7:5060'],
    ['tel:+4930123456', 'tel:+4930****56'],
    ['sip:112@pbx', 'sip:***@pbx'],
    ['0301234', '0301***'],
    ['00491701234567, then 491701234567', '0049********67, then 4917******67'],
  ])('%s is shown as %s', (text, shown) => {
    expect(maskNumbers(text)).toBe(shown);
  });

  it.each([
    '6 of 60 lost at hop 12 (198.18.101.254), 31.25 ms',
    'plan 41.1773453900 for fra-1',
    'call 1773453900.41',
    '2001:db8:1234567::1',
    'loss-provider-telco-a-mmxq3k7f',
    '2026-03-14 02:07:00 UTC',
    'commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ])('%s holds no number and stays', (text) => {
    expect(maskNumbers(text)).toBe(text);
  });

  it('leaves the names that Asterisk makes itself, and masks those that may hold a number', () => {
    expect(maskCallName('1773453900.41')).toBe('1773453900.41');
    expect(maskCallName('pbx-fra-1773453900.41')).toBe('pbx-fra-1773453900.41');
    expect(maskCallName('to-491701234567-77')).toBe('to-4917******67-77');
    expect(maskCallName('x491701234567-1773453900.41')).toBe('x4917******67-1773****00.41');
  });
});
