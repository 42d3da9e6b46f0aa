/** HMAC-SHA-256 at the end of every record but data, in bytes. */
export const MAC_BYTES = 32;
/** Random bytes of one opening, which every MAC of its connection covers. */
export const NONCE_BYTES = 16;
/** Most bytes of data in one record. */
export const MAX_DATA_BYTES = 65_536;

const VERSION = 1;
/** Kind and length, before the body of every record. */
export const HEAD_BYTES = 4;
/** Kinds of records in the order of their numbers, from 1. */
export const KINDS = ['open', 'accept', 'data', 'end', 'result', 'bye'] as const;
const DIRECTIONS = ['forward', 'reverse'] as const;
const BYE_REASONS = ['live-calls', 'calls-unknown'] as const;
/** Length of each body with its MAC. Data has any length up to {@link MAX_DATA_BYTES}. */
export const BODY_BYTES = { open: 64, accept: 48, end: 40, result: 48, bye: 36 } as const;

/** Which way the data flows; `forward` is from who opened the connection. */
export type LineDirection = (typeof DIRECTIONS)[number];

/** What a transfer may use; the smaller of both sides' values holds. */
export type LineBounds = { readonly maxBytes: number; readonly maxMs: number; readonly maxKbps: number };

/** What the receiver counted: all of it, and the steady part of the time by itself (0 and 0: too short to tell). */
export type LineCount = {
  readonly bytes: number;
  readonly durationMs: number;
  readonly steadyBytes: number;
  readonly steadyMs: number;
};

/** A record that is to be proved by its MAC. */
export type LineMessage =
  | ({ readonly kind: 'open'; readonly direction: LineDirection; readonly nonce: Uint8Array } & LineBounds)
  | ({ readonly kind: 'accept' } & LineBounds)
  /** The sender has sent all that it will; `isHeld`: the line took it more slowly than it would have sent. */
  | { readonly kind: 'end'; readonly sentBytes: number; readonly isHeld: boolean }
  | ({ readonly kind: 'result' } & LineCount)
  /** This side has to leave the line to its calls. */
  | { readonly kind: 'bye'; readonly because: (typeof BYE_REASONS)[number] };

/**
 * Writes a record but for its MAC, whose place is left zero.
 *
 * Big-endian:
 * ```
 *  0  1  kind: 1 open · 2 accept · 3 data · 4 end · 5 result · 6 bye
 *  1  3  length of what follows
 *        open              accept            end             result                  bye
 *  4  1  version, 1        version, 1        ┐               ┐                       reason
 *  5  1  direction, 1 · 2  0                 │ bytes sent    │ bytes                 0
 *  6  2  0                 0                 ┘               ┘                       0
 *  8  4  most bytes        most bytes        held, 0 · 1     duration, µs            MAC (32)
 * 12  4  most ms           most ms           MAC (32)        steady bytes
 * 16  4  most kbit/s       most kbit/s                       steady, µs
 * 20 16  nonce             MAC (32)                          MAC (32)
 * 36 32  MAC
 * ```
 */
export function encodeMessage(message: LineMessage): Uint8Array {
  const { kind } = message;
  const record = new Uint8Array(HEAD_BYTES + BODY_BYTES[kind]);
  const view = new DataView(record.buffer);
  view.setUint32(0, ((KINDS.indexOf(kind) + 1) << 24) | BODY_BYTES[kind]);
  switch (kind) {
    case 'open':
      writeBounds(view, message);
      view.setUint8(5, DIRECTIONS.indexOf(message.direction) + 1);
      record.set(message.nonce.subarray(0, NONCE_BYTES), 20);
      return record;
    case 'accept':
      writeBounds(view, message);
      return record;
    case 'end':
      view.setUint32(4, message.sentBytes);
      view.setUint32(8, message.isHeld ? 1 : 0);
      return record;
    case 'result':
      view.setUint32(4, message.bytes);
      view.setUint32(8, Math.round(message.durationMs * 1000));
      view.setUint32(12, message.steadyBytes);
      view.setUint32(16, Math.round(message.steadyMs * 1000));
      return record;
    case 'bye':
      view.setUint8(4, BYE_REASONS.indexOf(message.because) + 1);
      return record;
    default:
      return message satisfies never;
  }
}

/** Writes the head of a record of data; `bytes` (1 to {@link MAX_DATA_BYTES}) follow it. */
export function dataHead(bytes: number): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  new DataView(head.buffer).setUint32(0, ((KINDS.indexOf('data') + 1) << 24) | bytes);
  return head;
}

function writeBounds(view: DataView, { maxBytes, maxKbps, maxMs }: LineBounds): void {
  view.setUint8(4, VERSION);
  view.setUint32(8, maxBytes);
  view.setUint32(12, maxMs);
  view.setUint32(16, maxKbps);
}

function readBounds(view: DataView): LineBounds {
  return { maxBytes: view.getUint32(8), maxMs: view.getUint32(12), maxKbps: view.getUint32(16) };
}

/** What both sides allow. */
export function agreedBounds(one: LineBounds, other: LineBounds): LineBounds {
  return {
    maxBytes: Math.min(one.maxBytes, other.maxBytes),
    maxMs: Math.min(one.maxMs, other.maxMs),
    maxKbps: Math.max(1, Math.min(one.maxKbps, other.maxKbps)),
  };
}

/** Reads a whole record but for its MAC; undefined where a value has no meaning. The length is that of its kind. */
export function readMessage(kind: LineMessage['kind'], record: Uint8Array): LineMessage | undefined {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  switch (kind) {
    case 'open': {
      const direction = DIRECTIONS[view.getUint8(5) - 1];
      if (view.getUint8(4) !== VERSION || direction === undefined || view.getUint16(6) !== 0) return undefined;
      return { kind, direction, ...readBounds(view), nonce: record.slice(20, 20 + NONCE_BYTES) };
    }
    case 'accept':
      return view.getUint32(4) === VERSION << 24 ? { kind, ...readBounds(view) } : undefined;
    case 'end':
      return view.getUint32(8) > 1
        ? undefined
        : { kind, sentBytes: view.getUint32(4), isHeld: view.getUint32(8) === 1 };
    case 'result': {
      const [bytes, steadyBytes] = [view.getUint32(4), view.getUint32(12)];
      return { kind, bytes, durationMs: view.getUint32(8) / 1000, steadyBytes, steadyMs: view.getUint32(16) / 1000 };
    }
    case 'bye': {
      const because = BYE_REASONS[view.getUint8(4) - 1];
      return because === undefined ? undefined : { kind, because };
    }
    default:
      return kind satisfies never;
  }
}
