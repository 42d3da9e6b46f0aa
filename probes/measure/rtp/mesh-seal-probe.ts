import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { MAC_BYTES } from './mesh-packet.ts';

/** A session's key as it stands in its duty, made ready once: that is four fifths of the cost of a MAC. */
export function sessionKey(text: string): KeyObject {
  return createSecretKey(Buffer.from(text, 'base64url'));
}

/** Puts the MAC at the end of a packet, over all before it. @see RFC 2104 */
export function seal(packet: Uint8Array, key: KeyObject): void {
  packet.set(macOf(packet, key), packet.length - MAC_BYTES);
}

/** Whether the MAC at the end of a packet is that of the key. Takes as long for any wrong one. */
export function isSealed(packet: Uint8Array, key: KeyObject): boolean {
  if (packet.length < MAC_BYTES) return false;
  return timingSafeEqual(macOf(packet, key), packet.subarray(packet.length - MAC_BYTES));
}

/** Short form of a session that stands in its packets: 16 hexadecimal digits, not to be guessed without the key. */
export function sessionTag(session: string, key: KeyObject): string {
  return createHmac('sha256', key).update(`trunkward mesh session ${session}`).digest('hex').slice(0, 16);
}

function macOf(packet: Uint8Array, key: KeyObject): Uint8Array {
  return createHmac('sha256', key)
    .update(packet.subarray(0, packet.length - MAC_BYTES))
    .digest()
    .subarray(0, MAC_BYTES);
}
