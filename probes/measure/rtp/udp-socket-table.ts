import { isIPv4 } from 'node:net';

/** One UDP socket as the kernel lists it. */
export type UdpSocketRow = {
  /** Hexadecimal words in the host's byte order, as listed: 8 digits of IPv4, 32 of IPv6. */
  readonly localHex: string;
  readonly port: number;
  readonly inode: number;
  /** Datagrams dropped at this socket since it was opened: its receive buffer was full, or a checksum was bad. */
  readonly drops: number;
};

const ROW =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} [0-9A-F]{2} [0-9A-F]+:[0-9A-F]+ [0-9A-F]{2}:[0-9A-F]+ [0-9A-F]+ +\d+ +\d+ (\d+) \d+ [0-9a-f]+ (\d+) *$/;

/**
 * Reads `/proc/net/udp` or `/proc/net/udp6`. Lines of another shape, such as the heading, are passed over. Never throws.
 * ```
 *    sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 *  2375: 0100007F:B2F7 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2297751 2 00000000611e3f93 0
 * ```
 * @see Linux net/ipv4/udp.c `udp4_format_sock`, net/ipv6/datagram.c `__ip6_dgram_sock_seq_show`.
 */
export function readUdpSocketTable(text: string): readonly UdpSocketRow[] {
  return text.split('\n').flatMap((line) => {
    const [, localHex, port, inode, drops] = ROW.exec(line) ?? [];
    if (localHex === undefined || port === undefined) return [];
    return [{ localHex, port: Number.parseInt(port, 16), inode: Number(inode), drops: Number(drops) }];
  });
}

/**
 * Sums the drops of the sockets with this port; of an IPv4 address, of those bound to it alone.
 *
 * An IPv6 address is not compared: a foreign socket with the same port can only make us say less.
 *
 * @param isLittleEndian - byte order of the host.
 * @returns `undefined` where no such socket is listed.
 */
export function dropsOf(
  rows: readonly UdpSocketRow[],
  local: { readonly address: string; readonly port: number },
  isLittleEndian: boolean,
): number | undefined {
  const wanted = isIPv4(local.address) ? hexOf(local.address, isLittleEndian) : undefined;
  const ours = rows.filter(({ localHex, port }) => port === local.port && (!wanted || localHex === wanted));
  return ours.length === 0 ? undefined : ours.reduce((sum, { drops }) => sum + drops, 0);
}

function hexOf(address: string, isLittleEndian: boolean): string {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase());
  return (isLittleEndian ? bytes.toReversed() : bytes).join('');
}
