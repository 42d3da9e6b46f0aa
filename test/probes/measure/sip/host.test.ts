import { describe, expect, test } from 'vitest';
import { bracketed, parseIpAddress } from '../../../../probes/measure/sip/host.ts';

describe('parseIpAddress', () => {
  test.each([
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['192.0.2.1', '192.0.2.1'],
  ])('%s and %s are one address', (one, other) => {
    expect(parseIpAddress(one)).toBeDefined();
    expect(parseIpAddress(one)).toEqual(parseIpAddress(other));
  });

  test('different addresses differ', () => {
    expect(parseIpAddress('2001:db8::1')).not.toEqual(parseIpAddress('2001:db8:1::'));
  });

  test.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '[::1]',
    ':::',
    '1::2::3',
    'fe80::1%eth0',
    '1:2',
    '1:2:3:4::5:6:7:8',
    '::1.2.3',
  ])('%j is no IP literal', (text) => expect(parseIpAddress(text)).toBeUndefined());

  test('only IPv6 gets brackets', () => {
    expect([bracketed('192.0.2.1'), bracketed('::1')]).toEqual(['192.0.2.1', '[::1]']);
  });
});
