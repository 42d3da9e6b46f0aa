import type { MeshTask, PacketRefusal } from './mesh-messages.ts';
import { type MeshPacket, packetBytes } from './mesh-packet.ts';

/**
 * Decides, but for the MAC, whether a datagram belongs to a session of ours.
 *
 * @param packet - `undefined` where the datagram is none of the mesh.
 * @param task - of the session that the packet names; `undefined` where there is none.
 * @returns why nothing goes back, or `undefined`: then the MAC decides.
 */
export function refusalOf(
  datagram: { readonly lengthBytes: number; readonly address: string },
  packet: MeshPacket | undefined,
  task: Pick<MeshTask, 'address' | 'payloadBytes' | 'role'> | undefined,
): PacketRefusal | undefined {
  if (!packet) return 'malformed';
  if (!task) return 'unknown-session';
  if (datagram.address !== task.address) return 'wrong-address';
  if (datagram.lengthBytes !== packetBytes(task.payloadBytes)) return 'wrong-size';
  return (packet.kind === 'request') === (task.role === 'reflector') ? undefined : 'wrong-role';
}
