import { describe, expect, it } from 'vitest';
import { pricedNumber } from '../../../../server/spend/rates/dialled-number.ts';

describe('a number to be priced', () => {
  it.each([
    ['+49 30 123456', '4930123456', 'DE'],
    ['0049 (30) 123-456', '4930123456', 'DE'],
    ['011 44 20 7946 0018', '442079460018', 'GB'],
    ['442079460018', '442079460018', 'GB'],
    // One country code, two prices: +1 242 is the Bahamas.
    ['+12423220000', '12423220000', 'BS'],
  ])('%s is %s in %s', (text, e164, country) => {
    expect(pricedNumber(text)).toMatchObject({ ok: true, e164, country, by: 'international' });
  });

  it('is told by its numbering plan to be premium', () => {
    expect(pricedNumber('+449098790000')).toMatchObject({ type: 'PREMIUM_RATE', isValid: true });
    expect(pricedNumber('+8816123')).toMatchObject({ ok: true, e164: '8816123', isValid: false });
  });

  it('is read as a national one of a country', () => {
    expect(pricedNumber('030 123456', { country: 'DE' })).toMatchObject({ e164: '4930123456', by: 'national' });
    expect(pricedNumber('2025550123', { country: 'US' })).toMatchObject({ e164: '12025550123' });
  });

  it('is made by the dial rules of a PBX, the longest prefix first, and refused where none takes it', () => {
    const rules = [
      { prefix: '0', strip: 1, prepend: '49' },
      { prefix: '00', strip: 2, prepend: '' },
      { prefix: '+', strip: 1, prepend: '' },
    ];
    expect(pricedNumber('030123456', { rules })).toMatchObject({ e164: '4930123456', by: 'dial-rule' });
    expect(pricedNumber('0044 20 79460018', { rules })).toMatchObject({ e164: '442079460018' });
    expect(pricedNumber('+33 1 70189900', { rules })).toMatchObject({ e164: '33170189900' });
    expect(pricedNumber('123456', { rules })).toEqual({ ok: false, fault: 'no-dial-rule' });
    expect(pricedNumber('000123456', { rules })).toEqual({ ok: false, fault: 'not-e164' });
  });

  it.each([
    ['030123456', 'not-e164'],
    ['abc', 'not-a-number'],
    ['', 'not-a-number'],
    ['+1234567890123456', 'not-e164'],
    ['101;drop', 'not-a-number'],
  ])('%j is none', (text, fault) => {
    expect(pricedNumber(text)).toEqual({ ok: false, fault });
  });
});
