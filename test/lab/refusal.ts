import { run } from './command.ts';
import type { Host } from './network.ts';

const TABLE = 'refuse';

/**
 * From now on a host refuses what comes in for a port, as if nothing listened there: TCP with a reset, in the middle of a connection
 * too, UDP with an ICMP port unreachable.
 *
 * @returns what ends it.
 * @see nft(8), reject statement
 */
export async function refuse(host: Host, port: number): Promise<() => Promise<void>> {
  const script = `add table inet ${TABLE}
add chain inet ${TABLE} in { type filter hook input priority 0; policy accept; }
add rule inet ${TABLE} in tcp dport ${port} reject with tcp reset
add rule inet ${TABLE} in udp dport ${port} reject
`;
  await nft(host, script);
  return async () => await nft(host, `delete table inet ${TABLE}\n`);
}

async function nft(host: Host, input: string): Promise<void> {
  await run(['ip', 'netns', 'exec', host.namespace, 'nft', '-f', '-'], { input });
}
