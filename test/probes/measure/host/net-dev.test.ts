import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNetDev } from '../../../../probes/measure/host/net-dev.ts';

/** Recorded on a Debian 12 host. */
const HOST = readFileSync(new URL('../../../vectors/net-dev/host.txt', import.meta.url), 'utf8');

describe('parseNetDev', () => {
  test('reads every interface with both directions (recorded)', () => {
    const result = parseNetDev(HOST);
    if (!result.ok) throw new Error(result.fault);
    expect([...result.interfaces.keys()]).toEqual(['lo', 'ifb0', 'ifb1', 'eth0']);
    expect(result.interfaces.get('eth0')).toEqual({
      receivedBytes: 1_573_022_558,
      receivedPackets: 54_803,
      receivedErrors: 0,
      receivedDropped: 0,
      sentBytes: 4_579_999,
      sentPackets: 44_042,
      sentErrors: 0,
      sentDropped: 0,
    });
  });

  test('reads the file of the host it runs on', () => {
    const result = parseNetDev(readFileSync('/proc/net/dev', 'utf8'));
    expect(result.ok && result.interfaces.has('lo')).toBe(true);
  });

  test('takes errors and drops from their own columns, and a colon inside a name for part of it', () => {
    const [head, units] = HOST.split('\n');
    const result = parseNetDev(`${head}\n${units}\neth0:1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`);
    expect(result.ok && result.interfaces.get('eth0:1')).toEqual({
      receivedBytes: 1,
      receivedPackets: 2,
      receivedErrors: 3,
      receivedDropped: 4,
      sentBytes: 9,
      sentPackets: 10,
      sentErrors: 11,
      sentDropped: 12,
    });
  });

  test('leaves out an interface whose counters it cannot hold exactly', () => {
    const result = parseNetDev(HOST.replace('1573022558', '18446744073709551615'));
    expect(result.ok && [...result.interfaces.keys()]).toEqual(['lo', 'ifb0', 'ifb1']);
  });

  test.each([
    ['', 'no-table', 1],
    [HOST.slice(3), 'no-table', 1],
    [HOST.replace('ifb1:', 'ifb1 '), 'bad-line', 5],
    [HOST.replace('54803', '-54803'), 'bad-line', 6],
    [HOST.replace('54803 ', ''), 'bad-line', 6],
  ])('refuses a broken table (%#) and names the line', (text, fault, line) => {
    expect(parseNetDev(text)).toEqual({ ok: false, fault, line });
  });

  test('never throws, wherever it is cut', () => {
    for (let at = 0; at < HOST.length; at += 1) parseNetDev(HOST.slice(0, at));
    fc.assert(fc.property(fc.string(), (text) => !parseNetDev(text).ok));
  });
});
