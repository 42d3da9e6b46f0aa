import type { MeshMeasurement, StreamFigures } from '../../../wire/rtp-measurement.ts';
import { lossPattern } from './loss-pattern.ts';
import type { MeshReply } from './mesh-packet.ts';
import { delayVariation, quantile } from './sample-quantiles.ts';

/** True time less a stamp clock, and how far that may be out; `undefined` where nothing disciplines the host's clock. */
export type Correction = { readonly correctionMs: number; readonly errorMs: number } | undefined;

type Sample = {
  readonly extended: number;
  readonly replyExtended: number;
  readonly rttMs: number;
  readonly lateMs: number;
  readonly forwardMs: number;
  readonly reverseMs: number;
  readonly oneWay: { readonly forwardMs: number; readonly reverseMs: number; readonly errorMs: number } | undefined;
};
/** Numbers `from` to `to`, both included, of which so many came, neither none nor all; which of them is not known. */
type Stretch = { readonly from: number; readonly to: number; readonly received: number };

/** What a sender knows of one session from the replies. Changed in place by the functions of this file alone. */
export type SenderState = {
  readonly packetMs: number;
  /** Run of the reflector that is counted; `undefined` until one answers. */
  reflectorSsrc: number | undefined;
  /** First numbers that no report has covered yet. */
  forwardFrom: number;
  reverseFrom: number;
  readonly forwardReceived: Set<number>;
  readonly reverseReceived: Set<number>;
  stretches: Stretch[];
  samples: Sample[];
  newest: MeshReply | undefined;
  /** The newest when the last report was made. */
  reported: MeshReply | undefined;
  highestReply: number;
  reverseDuplicates: number;
  reverseReordered: number;
  reverseJitterMs: number;
  lastTransitMs: number | undefined;
  boundaries: Boundary[];
  intervalStartMs: number;
};

type Boundary = { readonly extended: number; readonly endMs: number; highestReply: number; nextStartMs: number };

/** One interval, both directions; a direction of which nothing is known is absent. */
export type SenderReport = {
  readonly startedAtMs: number;
  readonly intervalMs: number;
  readonly forward?: StreamFigures;
  readonly reverse?: { readonly figures: StreamFigures; readonly rtt: NonNullable<MeshMeasurement['rtt']> };
  /** Packets of the interval after the last that any reply tells of; the next report that knows of them takes them in. */
  readonly unresolved: number;
  /** Every round trip, and how late every answered packet had left. */
  readonly rttsMs: readonly number[];
  readonly latesMs: readonly number[];
};

const DAY_MS = 86_400_000;

/** @param nowMs - monotonic; start of the first interval. */
export function newSender(packetMs: number, nowMs: number): SenderState {
  return {
    packetMs,
    reflectorSsrc: undefined,
    forwardFrom: 0,
    reverseFrom: 0,
    forwardReceived: new Set(),
    reverseReceived: new Set(),
    stretches: [],
    samples: [],
    newest: undefined,
    reported: undefined,
    highestReply: -1,
    reverseDuplicates: 0,
    reverseReordered: 0,
    reverseJitterMs: 0,
    lastTransitMs: undefined,
    boundaries: [],
    intervalStartMs: nowMs,
  };
}

/**
 * Takes one reply whose MAC was found good.
 *
 * What arrived there stands in the reply's counts and memory, so a reply lost on the way back takes no packet of the way
 * there with it. A reflector that started anew (another SSRC) counts from its first packet on: what went before is unknown.
 *
 * @param sentCount - packets sent so far: no genuine reply speaks of one beyond.
 * @param arrival - on our own stamp clock, microseconds, with its correction.
 */
export function takeReply(
  state: SenderState,
  reply: MeshReply & { readonly ssrc: number },
  { sentCount, arrivalUs, correction }: { sentCount: number; arrivalUs: number; correction: Correction },
): void {
  if (reply.highest >= sentCount || reply.extended > reply.highest) return;
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
  const samples = state.samples.filter(({ extended }) => extended < boundary.extended);
  const forward = forwardFigures(state, forwardTo, samples);
  const reverse = reverseTo > state.reverseFrom ? reverseFigures(state, reverseTo, samples) : undefined;
  forget(state, forwardTo, Math.max(reverseTo, state.reverseFrom), boundary);
  return {
    ...window,
    forward,
    ...(reverse && { reverse }),
    unresolved,
    rttsMs: samples.map(({ rttMs }) => rttMs),
    latesMs: samples.map(({ lateMs }) => lateMs),
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
    forwardFrom: Math.max(first, 0),
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
    if (reply.distinct > (state.newest?.distinct ?? 0)) state.newest = reply;
    return;
  }
  const lastUnseen = reply.highest - reach;
  if (lastUnseen > known) {
    const count = lastUnseen - known;
    const received = Math.min(count, Math.max(0, reply.distinct - (state.newest?.distinct ?? 0) - fresh));
    if (received === count) for (let at = known + 1; at <= lastUnseen; at += 1) state.forwardReceived.add(at);
    else if (received > 0) state.stretches.push({ from: known + 1, to: lastUnseen, received });
  }
  state.newest = reply;
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
  const apartMs = correction ? reply.correctionMs - correction.correctionMs : Number.NaN;
  const oneWay =
    correction && Number.isFinite(apartMs) && reply.clockErrorMs >= 0
      ? {
          forwardMs: forwardMs + apartMs,
          reverseMs: reverseMs - apartMs,
          errorMs: correction.errorMs + reply.clockErrorMs,
        }
      : undefined;
  state.samples.push({
    extended: reply.extended,
    replyExtended: reply.replyExtended,
    rttMs: Math.max(0, forwardMs + reverseMs),
    lateMs: reply.lateUs / 1000,
    forwardMs,
    reverseMs,
    oneWay,
  });
}

function forwardFigures(state: SenderState, to: number, samples: readonly Sample[]): StreamFigures {
  const stretches = state.stretches.filter((stretch) => stretch.from < to);
  const isLost: boolean[] = [];
  let blindExpected = 0;
  let blindReceived = 0;
  for (let extended = state.forwardFrom; extended < to; extended += 1) {
    const stretch = stretches.find(({ from }) => from === extended);
    if (stretch) {
      blindExpected += stretch.to - stretch.from + 1;
      blindReceived += stretch.received;
      extended = stretch.to;
    } else isLost.push(!state.forwardReceived.has(extended));
  }
  const pattern = lossPattern(isLost, state.packetMs);
  const expected = isLost.length + blindExpected;
  const lost = pattern.lost + blindExpected - blindReceived;
  const variation = delayVariation(samples.map(({ forwardMs }) => forwardMs));
  const late = samples.map(({ lateMs }) => lateMs).toSorted((a, b) => a - b);
  const oneWay = oneWayFigures(samples, 'forwardMs');
  return {
    expected,
    received: expected - lost,
    lost,
    duplicates: Math.max(0, (state.newest?.duplicates ?? 0) - (state.reported?.duplicates ?? 0)),
    reordered: Math.max(0, (state.newest?.reordered ?? 0) - (state.reported?.reordered ?? 0)),
    lossRuns: pattern.lossRuns,
    jitterMs: Math.min(DAY_MS, (state.newest?.jitterUs ?? 0) / 1000),
    ...(variation && { delayVariation: variation }),
    ...(pattern.burst && { burst: pattern.burst }),
    ...(oneWay && { oneWayDelay: oneWay }),
    ...(late.length > 0 && { pacingLateP99Ms: quantile(late, 0.99) }),
  };
}

function reverseFigures(
  state: SenderState,
  to: number,
  samples: readonly Sample[],
): NonNullable<SenderReport['reverse']> {
  const isLost: boolean[] = [];
  for (let reply = state.reverseFrom; reply < to; reply += 1) isLost.push(!state.reverseReceived.has(reply));
  const { lost, lossRuns, burst } = lossPattern(isLost, state.packetMs);
  const variation = delayVariation(samples.map(({ reverseMs }) => reverseMs));
  const oneWay = oneWayFigures(samples, 'reverseMs');
  const rtts = samples.map(({ rttMs }) => rttMs).toSorted((a, b) => a - b);
  const figures: StreamFigures = {
    expected: isLost.length,
    received: isLost.length - lost,
    lost,
    duplicates: state.reverseDuplicates,
    reordered: state.reverseReordered,
    lossRuns,
    jitterMs: state.reverseJitterMs,
    ...(variation && { delayVariation: variation }),
    ...(burst && { burst }),
    ...(oneWay && { oneWayDelay: oneWay }),
  };
  const at = (share: number) => (rtts.length === 0 ? 0 : quantile(rtts, share));
  return { figures, rtt: { n: rtts.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) } };
}

function oneWayFigures(samples: readonly Sample[], way: 'forwardMs' | 'reverseMs'): StreamFigures['oneWayDelay'] {
  const known = samples.flatMap(({ oneWay }) => (oneWay ? [oneWay] : []));
  if (known.length === 0) return undefined;
  const delays = known.map((each) => each[way]).toSorted((a, b) => a - b);
  const errorMs = known.reduce((most, each) => Math.max(most, each.errorMs), 0);
  return { minMs: quantile(delays, 0), p50Ms: quantile(delays, 0.5), errorMs };
}

function forget(state: SenderState, forwardTo: number, reverseTo: number, boundary: Boundary): void {
  for (const extended of state.forwardReceived) if (extended < forwardTo) state.forwardReceived.delete(extended);
  for (const reply of state.reverseReceived) if (reply < reverseTo) state.reverseReceived.delete(reply);
  state.stretches = state.stretches.filter(({ to }) => to >= forwardTo);
  state.samples = state.samples.filter(({ extended }) => extended >= boundary.extended);
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
