import { peerTarget } from './config.ts';
import type { ProbeConfig } from './config-schema.ts';
import type { MeshPeer } from './measure/rtp/mesh-runner.ts';

/** Peers that this probe may exchange RTP with, by its own file; none where the mesh is off. */
export function meshPeers(config: {
  readonly mesh: Pick<ProbeConfig['mesh'], 'isEnabled'>;
  readonly peers: readonly Pick<ProbeConfig['peers'][number], 'pbx' | 'address' | 'meshPort'>[];
}): readonly MeshPeer[] {
  if (!config.mesh.isEnabled) return [];
  return config.peers.map(({ pbx, address, meshPort }) => ({ pbx, target: peerTarget(pbx), address, port: meshPort }));
}
