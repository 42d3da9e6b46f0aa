import { BODY_BYTES, HEAD_BYTES, KINDS, type LineMessage, MAX_DATA_BYTES, readMessage } from './line-record.ts';

/** What one piece of the stream brought. `record` is the whole record with its MAC, not yet checked. */
export type Decoded =
  | { readonly kind: 'data'; readonly bytes: number }
  | { readonly kind: 'message'; readonly message: LineMessage; readonly record: Uint8Array };

/** Why the stream cannot be read further. */
export type LineFault = 'bad-kind' | 'bad-length' | 'bad-value';

/** With a fault, what came before it is still good. */
export type DecodeStep = { readonly found: readonly Decoded[]; readonly fault: LineFault | undefined };

/**
 * Reads the stream of one connection, however it is cut. Data is counted as it comes and not kept; at most one unfinished
 * record of 68 bytes is. After a fault nothing is read any more.
 */
export class LineDecoder {
  #held = new Uint8Array(0);
  #dataLeft = 0;
  #fault: LineFault | undefined;

  /** @param piece - read, not kept. */
  take(piece: Uint8Array): DecodeStep {
    const found: Decoded[] = [];
    let at = 0;
    while (this.#fault === undefined && at < piece.length) {
      if (this.#dataLeft > 0) {
        const bytes = Math.min(this.#dataLeft, piece.length - at);
        this.#dataLeft -= bytes;
        at += bytes;
        found.push({ kind: 'data', bytes });
        continue;
      }
      const wanted = this.#held.length < HEAD_BYTES ? HEAD_BYTES : HEAD_BYTES + lengthOf(this.#held);
      const more = piece.subarray(at, at + wanted - this.#held.length);
      at += more.length;
      const held = new Uint8Array(this.#held.length + more.length);
      held.set(this.#held);
      held.set(more, this.#held.length);
      this.#held = held;
      if (held.length < wanted) continue;
      this.#finish(wanted === HEAD_BYTES, found);
    }
    return { found, fault: this.#fault };
  }

  #finish(isHeadOnly: boolean, found: Decoded[]): void {
    const record = this.#held;
    const kind = KINDS[(record[0] ?? 0) - 1];
    if (kind === undefined) {
      this.#fault = 'bad-kind';
    } else if (kind === 'data') {
      const length = lengthOf(record);
      this.#dataLeft = length;
      this.#held = new Uint8Array(0);
      if (length < 1 || length > MAX_DATA_BYTES) this.#fault = 'bad-length';
    } else if (isHeadOnly) {
      if (lengthOf(record) !== BODY_BYTES[kind]) this.#fault = 'bad-length';
    } else {
      const message = readMessage(kind, record);
      this.#held = new Uint8Array(0);
      if (message) found.push({ kind: 'message', message, record });
      else this.#fault = 'bad-value';
    }
  }
}

function lengthOf(record: Uint8Array): number {
  return ((record[1] ?? 0) << 16) | ((record[2] ?? 0) << 8) | (record[3] ?? 0);
}
