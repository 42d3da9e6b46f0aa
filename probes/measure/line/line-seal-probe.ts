import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { encodeMessage, type LineMessage, MAC_BYTES } from './line-record.ts';

const LABEL = 'trunkward line 1';

/** A session's key as it stands in its order. */
export function lineKey(text: string): KeyObject {
  return createSecretKey(Buffer.from(text, 'base64url'));
}

/**
 * Writes a message with its MAC, which covers the nonce of the connection's opening, so that no record of another can be
 * put in its place.
 *
 * @see RFC 2104
 */
export function sealMessage(message: LineMessage, key: KeyObject, nonce: Uint8Array): Uint8Array {
  const record = encodeMessage(message);
  record.set(macOf(record, key, nonce), record.length - MAC_BYTES);
  return record;
}

/** Whether the MAC at the end of a record is that of the key. Takes as long for any wrong one. */
export function isSealed(record: Uint8Array, key: KeyObject, nonce: Uint8Array): boolean {
  if (record.length < MAC_BYTES) return false;
  return timingSafeEqual(macOf(record, key, nonce), record.subarray(record.length - MAC_BYTES));
}

function macOf(record: Uint8Array, key: KeyObject, nonce: Uint8Array): Uint8Array {
  const covered = record.subarray(0, record.length - MAC_BYTES);
  return createHmac('sha256', key).update(LABEL).update(nonce).update(covered).digest();
}
