/** What the probe's own file lets the mesh use of the line. */
export type MeshLimits = {
  /** Of one direction, all streams together, those that this PBX reflects counted in. */
  readonly maxKbps: number;
  /** With so many live calls nothing is sent. */
  readonly yieldAtCalls: number;
  /** Figures of packets that left later than this, 99th percentile, are not told; absent: 20 ms. */
  readonly mostLateMs?: number;
  /** Asked of the system for what waits to be read; 4 MiB when absent. */
  readonly receiveBufferBytes?: number;
};

/** Why a stream must not run. */
export type YieldReason = 'bandwidth-cap' | 'live-calls';

/** What a live call is taken to use of one direction: G.711 at 20 ms over IPv4 or IPv6, in Ethernet frames. */
export const CALL_KBPS = 100;

const RTP_UDP_IPV6_BYTES = 12 + 8 + 40;

/** Bandwidth of one direction of a stream as IPv6 packets, in kbit/s: 88 for G.711 at 20 ms. */
export function streamKbps(stream: { readonly payloadBytes: number; readonly packetMs: number }): number {
  return ((stream.payloadBytes + RTP_UDP_IPV6_BYTES) * 8) / stream.packetMs;
}

/**
 * Decides whether so much may be used now.
 *
 * @param usedKbps - in use already.
 * @param wantedKbps - what would come on top.
 */
export function yieldReason(
  limits: MeshLimits,
  liveCalls: number,
  usedKbps: number,
  wantedKbps: number,
): YieldReason | undefined {
  if (liveCalls >= limits.yieldAtCalls) return 'live-calls';
  const asked = usedKbps + wantedKbps;
  if (asked > limits.maxKbps) return 'bandwidth-cap';
  return asked > limits.maxKbps - liveCalls * CALL_KBPS ? 'live-calls' : undefined;
}

/** A stream's duty cycle: its place among the others keeps them from starting together. */
export type DutyCycle = { readonly onMs: number; readonly offMs: number; readonly place: number; readonly of: number };

/** Whether a stream is in the sending part of its cycle, and since when. */
export function dutyPhase(cycle: DutyCycle, nowMs: number): { readonly isOn: boolean; readonly sinceMs: number } {
  const periodMs = cycle.onMs + cycle.offMs;
  if (cycle.offMs === 0) return { isOn: true, sinceMs: 0 };
  const shiftMs = (periodMs * cycle.place) / Math.max(1, cycle.of);
  const intoMs = (((nowMs - shiftMs) % periodMs) + periodMs) % periodMs;
  return intoMs < cycle.onMs
    ? { isOn: true, sinceMs: nowMs - intoMs }
    : { isOn: false, sinceMs: nowMs - intoMs + cycle.onMs };
}
