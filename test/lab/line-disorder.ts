import { run } from './command.ts';
import { coreDevice } from './line-limit.ts';
import type { Host } from './network.ts';

/** What happens to UDP of one port from one host to another. Each packet is drawn on its own, resolution 1 %. */
export type Disorder = {
  readonly from: Host;
  readonly to: Host;
  readonly port: number;
  readonly doubledPercent: number;
  /** Sent by a slow lane of its own, so that packets behind them overtake. */
  readonly slowPercent: number;
  readonly slowKbps: number;
};

const TABLE = 'disorder';
const NORMAL_LANE = '1:10';
const SLOW_LANE = '1:20';

/**
 * Doubles and reorders packets in the core without netem, which not every kernel has: nft's `dup` sends a copy to where the
 * packet goes, and its `meta priority` puts packets into the slow one of two HTB classes in front of the receiver.
 *
 * @returns what ends it; packets that wait in the slow lane then are dropped, so let it run empty first by `calm`.
 * @see nft(8), dup and meta statements; tc-htb(8): a class is named by the priority of the packet
 */
export async function startDisorder(
  core: string,
  disorder: Disorder,
): Promise<{
  /** No packet is doubled or slowed any more. */
  readonly calm: () => Promise<void>;
  readonly end: () => Promise<void>;
}> {
  const device = coreDevice(disorder.to);
  const inCore = async (argv: readonly string[], input?: string) =>
    await run(['ip', 'netns', 'exec', core, ...argv], input === undefined ? {} : { input });
  const tc = async (...args: readonly string[]) => await inCore(['tc', ...args]);
  const lane = async (id: string, rate: string, burstBytes: number): Promise<void> => {
    const size = ['burst', `${burstBytes}`, 'cburst', `${burstBytes}`, 'quantum', '1600'];
    await tc('class', 'add', 'dev', device, 'parent', '1:', 'classid', id, 'htb', 'rate', rate, 'ceil', rate, ...size);
  };
  await tc('qdisc', 'replace', 'dev', device, 'root', 'handle', '1:', 'htb', 'default', '10');
  await lane(NORMAL_LANE, '1gbit', 200_000);
  await lane(SLOW_LANE, `${disorder.slowKbps}kbit`, 300);
  await inCore(['nft', '-f', '-'], rules(disorder, device));
  return {
    calm: async () => {
      await inCore(['nft', 'flush', 'chain', 'ip', TABLE, 'fw']);
    },
    end: async () => {
      await inCore(['nft', 'delete', 'table', 'ip', TABLE]);
      await tc('qdisc', 'del', 'dev', device, 'root');
    },
  };
}

function rules({ doubledPercent, from, port, slowPercent, to }: Disorder, device: string): string {
  const [source, destination] = [from.addresses[0], to.addresses[0]];
  const match = `ip saddr ${source} ip daddr ${destination} udp dport ${port}`;
  return [
    `table ip ${TABLE} {`,
    '  chain fw {',
    '    type filter hook forward priority 5; policy accept;',
    `    ${match} numgen random mod 100 < ${slowPercent} meta priority set ${SLOW_LANE}`,
    `    ${match} numgen random mod 100 < ${doubledPercent} dup to ${destination} device "${device}"`,
    '  }',
    '}',
    '',
  ].join('\n');
}
