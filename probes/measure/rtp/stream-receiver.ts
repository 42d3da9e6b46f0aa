import type { StreamFigures } from '../../../wire/rtp-measurement.ts';
import { addArrival, type JitterState } from './interarrival-jitter.ts';
import { lossPattern } from './loss-pattern.ts';
import { delayVariation } from './sample-quantiles.ts';
import { type SequenceOf, type SourceState, stepSource } from './source-validity.ts';

/** What the statistics look at in a packet. */
export type ReceivedPacket = SequenceOf & {
  readonly rtpTimestamp: number;
  /** False leaves the packet out of jitter and delay (comfort noise, telephone events); absent is true. */
  readonly isTimed?: boolean;
};

/** One unbroken run of sequence numbers of one source. */
type Piece = { first: number; last: number; readonly received: Set<number>; duplicates: number };
type Arrival = { readonly packet: ReceivedPacket; readonly arrivalMs: number };

/** Statistics of one received stream. Made by {@link newStream}, changed by {@link addPacket} alone. */
export type StreamState = {
  readonly clockRateHz: number;
  readonly packetMs: number;
  source: SourceState;
  held: Arrival | undefined;
  readonly pieces: Piece[];
  jitter: JitterState | undefined;
  /** Arrival less unwrapped timestamp, of the first copy of each packet since the source began; any origin. */
  readonly transitsMs: number[];
  timestampMs: number;
  reordered: number;
  strays: number;
};

/** What a report block says of a stream since its start. @see RFC 3550 §6.4.1, A.3 */
export type Reception = {
  readonly ssrc: number;
  readonly extendedSequence: number;
  readonly expected: number;
  /** Copies included, as the RFC counts; expected less this is the cumulative loss and may be below 0. */
  readonly received: number;
  readonly interarrivalJitter: number;
};

/**
 * Begins the statistics of one stream, over one interval: from its first packet to whatever came last when
 * {@link figuresOf} is asked. Until then a late packet that fills a hole takes its loss back.
 *
 * @param clockRateHz - of the payload type (8000 for G.711 and, by RFC 3551 §4.5.2, G.722).
 * @param packetMs - time between two packets of the sender; makes durations out of counts.
 */
export function newStream(clockRateHz: number, packetMs: number): StreamState {
  return {
    clockRateHz,
    packetMs,
    source: {},
    held: undefined,
    pieces: [],
    jitter: undefined,
    transitsMs: [],
    timestampMs: 0,
    reordered: 0,
    strays: 0,
  };
}

/**
 * Counts one packet.
 *
 * @param state - taken over: it is changed in place and given back, so that a packet costs no copy of what came before.
 * @param arrivalMs - monotonic, any origin; read before anything else is done with the packet.
 * @see RFC 3550 A.1 (which source counts), A.8 (jitter); RFC 4737 §3.3 (reordered: it came after a higher number)
 */
export function addPacket(state: StreamState, packet: ReceivedPacket, arrivalMs: number): StreamState {
  const step = stepSource(state.source, packet);
  state.source = step.state;
  if (step.heldExtended !== undefined) {
    state.pieces.push({ first: step.heldExtended, last: step.heldExtended - 1, received: new Set(), duplicates: 0 });
    state.jitter = undefined;
    state.transitsMs.length = 0;
    if (state.held) count(state, state.held, step.heldExtended);
    state.held = undefined;
  }
  if (step.extended !== undefined) count(state, { packet, arrivalMs }, step.extended);
  else {
    if (state.held) state.strays += 1;
    state.held = { packet, arrivalMs };
  }
  return state;
}

/**
 * Figures of the stream so far; may be asked again later. The interval's end is the last packet that came: losses after it
 * are known to nobody here.
 *
 * @returns `undefined` while no source has been believed: that is no stream, not a loss.
 */
export function figuresOf(state: StreamState): StreamFigures | undefined {
  if (state.pieces.length === 0) return undefined;
  const isLost: boolean[] = [];
  for (const { first, last, received } of state.pieces) {
    for (let extended = first; extended <= last; extended += 1) isLost.push(!received.has(extended));
  }
  const { lost, lossRuns, burst } = lossPattern(isLost, state.packetMs);
  const variation = delayVariation(state.transitsMs);
  return {
    expected: isLost.length,
    received: isLost.length - lost,
    lost,
    duplicates: state.pieces.reduce((sum, { duplicates }) => sum + duplicates, 0),
    reordered: state.reordered,
    lossRuns,
    jitterMs: ((state.jitter?.jitterTicks ?? 0) * 1000) / state.clockRateHz,
    ...(variation && { delayVariation: variation }),
    ...(burst && { burst }),
  };
}

/**
 * What a report block of ours would say of the source that is counted now; `undefined` while there is none. A source that
 * restarted is counted from there.
 */
export function receptionOf(state: StreamState): Reception | undefined {
  const piece = state.pieces.at(-1);
  const { valid } = state.source;
  if (!piece || !valid) return undefined;
  return {
    ssrc: valid.ssrc,
    extendedSequence: Math.max(0, piece.last),
    expected: piece.last - piece.first + 1,
    received: piece.received.size + piece.duplicates,
    interarrivalJitter: Math.floor(state.jitter?.jitterTicks ?? 0),
  };
}

function count(state: StreamState, { packet, arrivalMs }: Arrival, extended: number): void {
  const piece = state.pieces.at(-1);
  if (!piece) return;
  if (piece.received.has(extended)) {
    piece.duplicates += 1;
    return;
  }
  if (extended < piece.last) state.reordered += 1;
  piece.received.add(extended);
  piece.first = Math.min(piece.first, extended);
  piece.last = Math.max(piece.last, extended);
  if (packet.isTimed === false) return;
  const jitter = addArrival(state.jitter, (arrivalMs * state.clockRateHz) / 1000, packet.rtpTimestamp);
  const stepTicks = state.jitter ? (packet.rtpTimestamp - state.jitter.rtpTimestamp) | 0 : 0;
  state.timestampMs += (stepTicks * 1000) / state.clockRateHz;
  state.transitsMs.push(arrivalMs - state.timestampMs);
  state.jitter = jitter;
}
