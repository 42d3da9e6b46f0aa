import type { AmiHeader, AmiPacket } from './ami-packet.ts';

/** Hard caps of the decoder. Past any of them the framing is not to be trusted and the connection must end. */
export type DecoderLimits = {
  /** Longest line, its end not counted, in bytes. */
  readonly maxLineBytes: number;
  /** Largest packet, line ends included, in bytes. */
  readonly maxPacketBytes: number;
  /** Most header lines in one packet. */
  readonly maxHeaders: number;
};

/** Room for the longest answers seen (40,000 `Output` lines) with a margin; a hostile stream costs 16 MiB at most. */
export const DEFAULT_DECODER_LIMITS: DecoderLimits = {
  maxLineBytes: 65_536,
  maxPacketBytes: 16_777_216,
  maxHeaders: 200_000,
};

/** Why the stream cannot be read further. */
export type DecoderFault = 'bad-greeting' | 'line-too-long' | 'packet-too-long' | 'too-many-headers';

/** What the decoder found, in the order of the wire. */
export type Decoded =
  | { readonly kind: 'greeting'; readonly amiVersion: string }
  | { readonly kind: 'packet'; readonly packet: AmiPacket }
  /** A line that is no header: passed over. `lineNumber` counts from 1 at the greeting. */
  | { readonly kind: 'malformed-line'; readonly lineNumber: number; readonly lineBytes: number };

/** Everything one piece of the stream completed; with a fault, what came before it is still good. */
export type DecodeStep = {
  readonly found: readonly Decoded[];
  readonly fault: DecoderFault | undefined;
};

const LF = 0x0a;
const CR = 0x0d;
const GREETING = /^Asterisk Call Manager\/(\d{1,5}(?:\.\d{1,5}){0,3})$/;

/**
 * Decodes the manager stream of one connection. It keeps the unfinished line and packet between calls, so it belongs to
 * one connection and is thrown away with it: nothing of a cut stream can leak into the next. Time is linear in the
 * bytes given, however they are cut. No I/O and no clock.
 *
 * ```
 * stream   = greeting *packet
 * greeting = "Asterisk Call Manager/" version EOL
 * packet   = 1*( key ":" [" "] value EOL ) EOL       ; EOL is CRLF, a bare LF is taken too
 * ```
 *
 * @see https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/AMI-v2-Specification/
 */
export class PacketDecoder {
  readonly #limits: DecoderLimits;
  #isGreeted = false;
  #fault: DecoderFault | undefined;
  #lineNumber = 0;
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #headers: AmiHeader[] = [];
  #packetBytes = 0;

  constructor(limits: DecoderLimits = DEFAULT_DECODER_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes.
   *
   * @param bytes - any cut of the stream; copied where a line stays unfinished, so the caller may reuse the buffer.
   * @returns what became complete. After a fault every further call returns that fault and nothing else.
   */
  push(bytes: Uint8Array): DecodeStep {
    const found: Decoded[] = [];
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    while (this.#fault === undefined && start < chunk.length) {
      const end = chunk.indexOf(LF, start);
      if (end === -1) {
        this.#carry(chunk.subarray(start));
        break;
      }
      this.#take(this.#finishLine(chunk.subarray(start, end)), found);
      start = end + 1;
    }
    return { found, fault: this.#fault };
  }

  #carry(piece: Buffer): void {
    this.#pieceBytes += piece.length;
    // One byte more than the cap may be the CR of a line end that is not here yet.
    if (this.#pieceBytes > this.#limits.maxLineBytes + 1) this.#fault = 'line-too-long';
    else this.#pieces.push(Buffer.from(piece));
  }

  #finishLine(last: Buffer): Buffer {
    if (this.#pieces.length === 0) return last;
    const line = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return line;
  }

  #take(lineWithCr: Buffer, found: Decoded[]): void {
    const line = lineWithCr.at(-1) === CR ? lineWithCr.subarray(0, -1) : lineWithCr;
    this.#lineNumber += 1;
    this.#packetBytes += lineWithCr.length + 1;
    if (line.length > this.#limits.maxLineBytes) {
      this.#fault = 'line-too-long';
    } else if (!this.#isGreeted) {
      this.#takeGreeting(line.toString('utf8'), found);
    } else if (line.length === 0) {
      this.#endPacket(found);
    } else if (this.#packetBytes > this.#limits.maxPacketBytes) {
      this.#fault = 'packet-too-long';
    } else {
      this.#takeHeader(line, found);
    }
  }

  #takeGreeting(text: string, found: Decoded[]): void {
    const amiVersion = GREETING.exec(text)?.[1];
    this.#packetBytes = 0;
    if (amiVersion === undefined) {
      this.#fault = 'bad-greeting';
      return;
    }
    this.#isGreeted = true;
    found.push({ kind: 'greeting', amiVersion });
  }

  #takeHeader(line: Buffer, found: Decoded[]): void {
    const text = line.toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 1) {
      found.push({ kind: 'malformed-line', lineNumber: this.#lineNumber, lineBytes: line.length });
      return;
    }
    if (this.#headers.length >= this.#limits.maxHeaders) {
      this.#fault = 'too-many-headers';
      return;
    }
    const valueAt = text.startsWith(' ', colon + 1) ? colon + 2 : colon + 1;
    this.#headers.push([text.slice(0, colon), text.slice(valueAt)]);
  }

  #endPacket(found: Decoded[]): void {
    if (this.#headers.length > 0) {
      found.push({ kind: 'packet', packet: { headers: this.#headers, wireBytes: this.#packetBytes } });
    }
    this.#headers = [];
    this.#packetBytes = 0;
  }
}
