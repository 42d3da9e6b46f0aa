import { expect, it } from 'vitest';
import { meshPeers } from '../../probes/mesh-peers.ts';

const MESH = { isEnabled: true };
const PEERS = [
  { pbx: 'ams-1', address: '192.0.2.10', meshPort: 9465, linePort: 9466 },
  { pbx: 'ams-2', address: '2001:db8::2', meshPort: 19_465, linePort: 9466 },
];

it('names each peer of the file with its target, address and mesh port', () => {
  expect(meshPeers({ mesh: MESH, peers: PEERS })).toEqual([
    { pbx: 'ams-1', target: 'peer.ams-1', address: '192.0.2.10', port: 9465 },
    { pbx: 'ams-2', target: 'peer.ams-2', address: '2001:db8::2', port: 19_465 },
  ]);
});

it('names nobody where the file has the mesh off, so that the hub elects this PBX for nothing', () => {
  expect(meshPeers({ mesh: { isEnabled: false }, peers: PEERS })).toEqual([]);
});

it('names nobody where the file has no peers', () => {
  expect(meshPeers({ mesh: MESH, peers: [] })).toEqual([]);
});
