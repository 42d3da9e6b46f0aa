import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropsOf, readUdpSocketTable } from '../../../../probes/measure/rtp/udp-socket-table.ts';

/** As Linux 6 prints it. */
const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            
 2375: 0100007F:B2F7 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2297751 2 00000000611e3f93 0       
 5366: 0200007F:B2F7 00000000:0000 07 00000000:00034200 00:00000000 00000000  1000        0 2297563 2 000000008a16859f 731     
`;
const SIX =
  '  114: 00000000000000000000000000000000:24F9 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000   104        0 21634 2 00000000f0a3bb2c 12\n';

describe('table of UDP sockets', () => {
  test('gives port, inode and drops of each socket', () => {
    expect(readUdpSocketTable(TABLE + SIX)).toEqual([
      { localHex: '0100007F', port: 45_815, inode: 2_297_751, drops: 0 },
      { localHex: '0200007F', port: 45_815, inode: 2_297_563, drops: 731 },
      { localHex: '0'.repeat(32), port: 9465, inode: 21_634, drops: 12 },
    ]);
  });

  test('tells sockets of one port apart by their IPv4 address', () => {
    const rows = readUdpSocketTable(TABLE);
    expect(dropsOf(rows, { address: '127.0.0.1', port: 45_815 }, true)).toBe(0);
    expect(dropsOf(rows, { address: '127.0.0.2', port: 45_815 }, true)).toBe(731);
    expect(dropsOf(rows, { address: '127.0.0.2', port: 9 }, true)).toBeUndefined();
    expect(dropsOf(readUdpSocketTable(SIX), { address: '::', port: 9465 }, true)).toBe(12);
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void readUdpSocketTable(text)));
  });
});
