import type { StreamFigures } from '../../../wire/rtp-measurement.ts';
import { forwardFigures, type ReverseReport, reverseReport, roundTripsOf } from './mesh-figures.ts';
import type { MeshReply } from './mesh-packet.ts';
import { type Boundary, type Correction, newSender, type SenderState, type ToldCounts } from './mesh-sender-state.ts';
import { NumberWindow } from './number-window.ts';

/** One interval, both directions; a direction of which nothing is known is absent. */
export type SenderReport = {
  readonly startedAtMs: number;
  readonly intervalMs: number;
  readonly forward?: StreamFigures;
  readonly reverse?: ReverseReport;
  /** Packets of the interval after the last that any reply tells of; the next report that knows of them takes them in. */
  readonly unresolved: number;
  /** Every round trip, and how late every answered packet had left. */
  readonly rttsMs: readonly number[];
  readonly latesMs: readonly number[];
};

const DAY_MS = 86_400_000;

/**
 * Takes one reply whose MAC was found good.
 *
 * What arrived there stands in the reply's counts and memory, so a reply lost on the way back takes no packet of the way
 * there with it. A reflector that started anew (another SSRC) counts from its first packet on: what went before is unknown.
 *
 * @param sentCount - packets sent so far: no genuine reply speaks of one beyond, nor are there more replies.
 * @param arrival - on our own stamp clock, microseconds, with its correction.
 */
export function takeReply(
  state: SenderState,
  reply: MeshReply & { readonly ssrc: number },
  { sentCount, arrivalUs, correction }: { sentCount: number; arrivalUs: number; correction: Correction },
): void {
  if (reply.highest >= sentCount || reply.extended > reply.highest || reply.replyExtended >= sentCount) return;
  if (state.reflectorSsrc !== reply.ssrc) {
    if (reply.extended <= (state.newest?.highest ?? -1)) return;
    begin(state, reply);
  }
  if (reply.replyExtended < state.reverseFrom) return;
  if (state.reverseReceived.has(reply.replyExtended)) {
    state.reverseDuplicates += 1;
    return;
  }
  state.reverseReceived.add(reply.replyExtended);
  if (reply.replyExtended < state.highestReply) state.reverseReordered += 1;
  state.highestReply = Math.max(state.highestReply, reply.replyExtended);
  for (const boundary of state.boundaries) {
    if (reply.extended < boundary.extended) {
      boundary.highestReply = Math.max(boundary.highestReply, reply.replyExtended);
    }
  }
  learnForward(state, reply);
  takeTimes(state, reply, arrivalUs, correction);
}

/** Marks the end of an interval: {@link closeInterval} reports it once stragglers have had their time. */
export function markBoundary(state: SenderState, sentCount: number, nowMs: number): void {
  state.boundaries.push({ extended: sentCount, endMs: nowMs, highestReply: state.highestReply, nextStartMs: nowMs });
}

/** Sending goes on after a pause: unless packets before it are still unaccounted for, the pause is no part of an interval. */
export function resume(state: SenderState, sentCount: number, nowMs: number): void {
  const pending = state.boundaries.at(-1);
  if (pending) pending.nextStartMs = nowMs;
  else if (state.forwardFrom >= sentCount) state.intervalStartMs = nowMs;
}

/** Reports the oldest marked interval and forgets it; a packet that comes later than this is lost. */
export function closeInterval(state: SenderState): SenderReport | undefined {
  const boundary = state.boundaries.shift();
  if (!boundary) return undefined;
  const known = Math.min(boundary.extended, (state.newest?.highest ?? -1) + 1);
  const whole = state.stretches.find(({ from, to }) => from < known && to >= known);
  const forwardTo = whole ? whole.to + 1 : known;
  const unresolved = Math.max(0, boundary.extended - Math.max(forwardTo, state.forwardFrom));
  const window = {
    startedAtMs: state.intervalStartMs,
    intervalMs: Math.min(DAY_MS, boundary.endMs - state.intervalStartMs),
  };
  if (state.reflectorSsrc === undefined || forwardTo <= state.forwardFrom) {
    return { ...window, unresolved, rttsMs: [], latesMs: [] };
  }
  const reverseTo = boundary.highestReply + 1;
  const times = state.times.takeBelow(boundary.extended);
  const forward = forwardFigures(state, forwardTo, times);
  const reverse = reverseTo > state.reverseFrom ? reverseReport(state, reverseTo, times) : undefined;
  forget(state, forwardTo, Math.max(reverseTo, state.reverseFrom), boundary);
  return {
    ...window,
    forward,
    ...(reverse && { reverse }),
    unresolved,
    rttsMs: [...roundTripsOf(times)],
    latesMs: [...times.lateMs],
  };
}

function begin(state: SenderState, reply: MeshReply & { readonly ssrc: number }): void {
  const reach = reply.memory.length * 8;
  let first = reply.extended;
  for (let back = 0; back < reach && back <= reply.highest; back += 1) {
    if (isSet(reply.memory, back)) first = Math.min(first, reply.highest - back);
  }
  Object.assign(state, {
    ...newSender(state.packetMs, state.intervalStartMs),
    boundaries: state.boundaries.map((boundary) => ({ ...boundary, highestReply: -1 })),
    reflectorSsrc: reply.ssrc,
    forwardFrom: first,
    forwardReceived: new NumberWindow(first),
  });
}

function learnForward(state: SenderState, reply: MeshReply): void {
  state.forwardReceived.add(reply.extended);
  const reach = Math.min(reply.memory.length * 8, reply.highest + 1);
  const known = state.newest?.highest ?? state.forwardFrom - 1;
  let fresh = 0;
  for (let back = 0; back < reach; back += 1) {
    const extended = reply.highest - back;
    if (extended < state.forwardFrom || extended < known - REORDER_DEPTH) break;
    if (!isSet(reply.memory, back)) continue;
    state.forwardReceived.add(extended);
    if (extended > known) fresh += 1;
  }
  if (reply.highest <= known) {
    if (reply.distinct > (state.newest?.distinct ?? 0)) state.newest = countsOf(reply);
    return;
  }
  const lastUnseen = reply.highest - reach;
  if (lastUnseen > known) {
    const count = lastUnseen - known;
    const received = Math.min(count, Math.max(0, reply.distinct - (state.newest?.distinct ?? 0) - fresh));
    if (received === count) for (let at = known + 1; at <= lastUnseen; at += 1) state.forwardReceived.add(at);
    else if (received > 0) state.stretches.push({ from: known + 1, to: lastUnseen, received });
  }
  state.newest = countsOf(reply);
}

function countsOf({ highest, distinct, duplicates, reordered }: MeshReply): ToldCounts {
  return { highest, distinct, duplicates, reordered };
}

/** How far below the highest known number late packets are looked for in each reply. */
const REORDER_DEPTH = 64;

function takeTimes(state: SenderState, reply: MeshReply, arrivalUs: number, correction: Correction): void {
  const reverseMs = (arrivalUs - reply.repliedAtUs) / 1000;
  const forwardMs = (reply.receivedAtUs - reply.sentAtUs) / 1000;
  if (state.lastTransitMs !== undefined) {
    state.reverseJitterMs += (Math.abs(reverseMs - state.lastTransitMs) - state.reverseJitterMs) / 16;
  }
  state.lastTransitMs = reverseMs;
  state.times.add(reply.extended, {
    lateMs: reply.lateUs / 1000,
    forwardMs,
    reverseMs,
    apartMs: correction && reply.clockErrorMs >= 0 ? reply.correctionMs - correction.correctionMs : Number.NaN,
    errorMs: correction ? correction.errorMs + reply.clockErrorMs : Number.NaN,
    forwardJitterMs: reply.jitterUs / 1000,
    reverseJitterMs: state.reverseJitterMs,
  });
}

function forget(state: SenderState, forwardTo: number, reverseTo: number, boundary: Boundary): void {
  state.forwardReceived.forgetBelow(forwardTo);
  state.reverseReceived.forgetBelow(reverseTo);
  state.stretches = state.stretches.filter(({ to }) => to >= forwardTo);
  state.forwardFrom = forwardTo;
  state.reverseFrom = reverseTo;
  state.reported = state.newest;
  state.reverseDuplicates = 0;
  state.reverseReordered = 0;
  state.intervalStartMs = forwardTo >= boundary.extended ? boundary.nextStartMs : boundary.endMs;
}

function isSet(memory: Uint8Array, back: number): boolean {
  return ((memory[back >> 3] ?? 0) & (0x80 >> (back & 7))) !== 0;
}
