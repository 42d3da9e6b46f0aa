/** One `Key: Value` line, as sent: key in Asterisk's spelling, value without the one blank after the colon. */
export type AmiHeader = readonly [key: string, value: string];

/**
 * One block of header lines that a blank line ended. Pairs, not an object: keys repeat (`Output`, `ChanVariable`) and
 * may be hostile (`__proto__`, `constructor`).
 */
export type AmiPacket = {
  readonly headers: readonly AmiHeader[];
  /** Size on the wire in bytes, line ends and the closing blank line included. */
  readonly wireBytes: number;
};

/**
 * First value under a key.
 *
 * @param key - compared without regard to case, as Asterisk compares.
 * @returns undefined where the packet has no such header; an empty text is a value.
 * @see https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
 */
export function firstValue(packet: AmiPacket, key: string): string | undefined {
  const wanted = key.toLowerCase();
  for (const [name, value] of packet.headers) {
    if (name.length === wanted.length && name.toLowerCase() === wanted) return value;
  }
  return undefined;
}

/** Every value under a key, in the order of the wire; keys compared as in {@link firstValue}. */
export function allValues(packet: AmiPacket, key: string): readonly string[] {
  const wanted = key.toLowerCase();
  return packet.headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}

/** Name of the event, or undefined where the packet is not one (a response has no `Event` header). */
export function eventName(packet: AmiPacket): string | undefined {
  return firstValue(packet, 'Event');
}
