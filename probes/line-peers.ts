import { peerTarget } from './config.ts';
import type { ProbeConfig } from './config-schema.ts';
import type { LinePeer } from './line-runner.ts';

/** Peers that this probe may measure the line to, by its own file; nothing is measured unless the file turns it on. */
export function linePeers({ peers }: Pick<ProbeConfig, 'peers'>): readonly LinePeer[] {
  return peers.map(({ pbx, address, linePort }) => ({ pbx, target: peerTarget(pbx), address, port: linePort }));
}
