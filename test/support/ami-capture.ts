import { readFileSync } from 'node:fs';
import type { AmiPacket } from '../../probes/asterisk/ami/ami-packet.ts';
import { PacketDecoder } from '../../probes/asterisk/ami/packet-decoder.ts';

/** One recorded manager stream as it was on the wire: CRLF line ends, in bytes. */
export function readCapture(name: string): Buffer {
  const text = readFileSync(new URL(`../vectors/ami/${name}.txt`, import.meta.url), 'utf8');
  return Buffer.from(text.replaceAll('\n', '\r\n'), 'utf8');
}

/** The packets of one recorded manager stream. */
export function readCapturedPackets(name: string): readonly AmiPacket[] {
  const { found } = new PacketDecoder().push(readCapture(name));
  return found.flatMap((item) => (item.kind === 'packet' ? [item.packet] : []));
}
