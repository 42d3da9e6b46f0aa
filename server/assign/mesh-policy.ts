/** What the hub's file says of the mesh. Times in milliseconds; the bandwidth of a PBX is bounded by its probe's own file. */
export type MeshPolicy = {
  readonly isEnabled: boolean;
  readonly packetMs: number;
  /** So long sending, so long silent. */
  readonly onMs: number;
  readonly offMs: number;
  /** At this loss or more a pair is given up while the pair beside it loses `cleanRatio` or less; 0 to 1. */
  readonly lossyRatio: number;
  readonly cleanRatio: number;
  /** A pair that was given up is not used again for so long, as long as there are others. */
  readonly avoidMs: number;
};

/** G.711: a byte each 125 µs (RFC 3551 §4.5.14), so that a stream is as large as the call that it stands for. */
const BYTES_PER_MS = 8;
/** Loss of a pair is judged over at least so long, so many packets sent, and never by fewer than half of them. */
const LEAST_WINDOW_MS = 120_000;
const PACKETS_OF_A_WINDOW = 2000;

/** Pace of a stream as its two probes are told. */
export function cadenceOf({ packetMs, onMs, offMs }: MeshPolicy) {
  return { packetMs, payloadBytes: packetMs * BYTES_PER_MS, onMs, offMs };
}

/**
 * Over which time, and by how many packets at least, the loss of a pair is told from that of the pair beside it: two minutes
 * and 1,000 packets at the default pace; longer where the duty cycle sends less.
 */
export function lossGround({ packetMs, onMs, offMs }: MeshPolicy): {
  readonly windowMs: number;
  readonly packets: number;
} {
  const cycles = Math.ceil((PACKETS_OF_A_WINDOW * packetMs) / onMs);
  return { windowMs: Math.max(LEAST_WINDOW_MS, cycles * (onMs + offMs)), packets: PACKETS_OF_A_WINDOW / 2 };
}
