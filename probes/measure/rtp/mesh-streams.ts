import { type DutyCycle, dutyPhase, type MeshLimits, streamKbps, type YieldReason, yieldReason } from './mesh-load.ts';

/** A stream to be sent, as it stands. */
export type StreamStanding = {
  readonly session: string;
  readonly packetMs: number;
  readonly payloadBytes: number;
  readonly cycle: DutyCycle;
  readonly isRunning: boolean;
  /** Not before this, whatever the cycle says: the peer asked for a pause, or none answers. */
  readonly heldUntilMs: number;
};

/** What a stream is to do now. `idle` is in the sending part of its cycle and must not send. */
export type StreamOrder =
  | { readonly kind: 'run' }
  | { readonly kind: 'rest' }
  | { readonly kind: 'idle'; readonly because: YieldReason };

/**
 * Decides which streams run now: those that run go on first, in their order, then those that would begin, as long as the
 * bandwidth lasts.
 *
 * @param reflectedKbps - what this PBX reflects for others: it cannot be shed without loss, so it goes first.
 */
export function orderStreams(
  streams: readonly StreamStanding[],
  load: { readonly limits: MeshLimits; readonly liveCalls: number; readonly reflectedKbps: number },
  nowMs: number,
): ReadonlyMap<string, StreamOrder> {
  const orders = new Map<string, StreamOrder>();
  let usedKbps = load.reflectedKbps;
  const ranked = streams.toSorted((a, b) => Number(b.isRunning) - Number(a.isRunning));
  for (const { cycle, heldUntilMs, packetMs, payloadBytes, session } of ranked) {
    if (nowMs < heldUntilMs || !dutyPhase(cycle, nowMs).isOn) {
      orders.set(session, { kind: 'rest' });
      continue;
    }
    const wantedKbps = streamKbps({ packetMs, payloadBytes });
    const because = yieldReason(load.limits, load.liveCalls, usedKbps, wantedKbps);
    if (!because) usedKbps += wantedKbps;
    orders.set(session, because ? { kind: 'idle', because } : { kind: 'run' });
  }
  return orders;
}
