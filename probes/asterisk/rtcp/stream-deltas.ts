import type { ReportBlock } from './rtcp-report.ts';

/** One direction of a leg as the last report left it. */
export type StreamState = {
  readonly sourceSsrc: number;
  /** 32 bits: cycles and highest sequence number. */
  readonly extendedHighest: number;
  /** Signed 24 bits. */
  readonly cumulativeLost: number;
  readonly reportedAtMs: number;
  /** Packets that the sender said it had sent when the report came; undefined: it says nothing. */
  readonly senderPackets: number | undefined;
  /** Packets already told as lost while the highest number stood still; the report that ends the silence holds them again. */
  readonly toldLost: number;
};

/** What one interval says. `expected` and `lost` are packets. */
export type StreamFigures = {
  readonly intervalMs: number;
  readonly expected: number;
  /** Below 0 where duplicates, or packets told as lost that came after all, outweigh the losses. */
  readonly lost: number;
  /** The highest number stands still while the other side goes on sending: all is lost. */
  readonly isSilent: boolean;
};

/** The state after a report, with the interval that it closes, if it closes one. */
export type StreamStep = { readonly state: StreamState; readonly figures: StreamFigures | undefined };

/** Fewer packets than this may be under way, or belong to a stream that is just beginning: no silence is read from them. */
const MIN_SILENT_PACKETS = 10;
/** A report further on than this within one interval is another stream, not loss: eleven minutes at 100 packets a second. */
const MAX_ADVANCE = 0x1_0000;

/** Sign-extends the 24 bits of "cumulative number of packets lost". @see RFC 3550 §6.4.1 */
export function signedCumulativeLost(raw: number): number {
  return raw >= 0x80_0000 ? raw - 0x100_0000 : raw;
}

/** A stream whose first report this is: nothing is known of what was before, so it is a base and no interval. */
export function beginStream(block: ReportBlock, senderPackets: number | undefined, atMs: number): StreamState {
  return {
    sourceSsrc: block.sourceSsrc,
    extendedHighest: extended(block),
    cumulativeLost: signedCumulativeLost(block.cumulativeLostRaw),
    reportedAtMs: atMs,
    senderPackets,
    toldLost: 0,
  };
}

/**
 * Folds one report block into a stream, by differences to the report before. Another source, or a number that fell or
 * leapt, begins anew without an interval, so no jump is ever counted.
 *
 * @param senderPackets - what the sender of the stream says it has sent so far, where it says it.
 * @see RFC 3550 §6.4.1 (cumulative lost, signed), A.1 (extended sequence numbers), A.3 (expected)
 */
export function stepStream(
  state: StreamState,
  block: ReportBlock,
  senderPackets: number | undefined,
  atMs: number,
): StreamStep {
  const next = beginStream(block, senderPackets, atMs);
  const advance = advanceBetween(state.extendedHighest, next.extendedHighest);
  if (block.sourceSsrc !== state.sourceSsrc || advance === undefined) return { state: next, figures: undefined };
  const intervalMs = atMs - state.reportedAtMs;
  if (advance === 0) return standStill(state, next, intervalMs);
  const lostDelta = wrapped24(next.cumulativeLost - state.cumulativeLost);
  const figures: StreamFigures = {
    intervalMs,
    expected: Math.max(0, advance - state.toldLost),
    lost: lostDelta - state.toldLost,
    isSilent: false,
  };
  return { state: next, figures };
}

/**
 * The other side's report without a block for our stream: it has heard nothing of it since its last one.
 *
 * @see RFC 3550 §6.4 (a block for each source heard of since the last report)
 */
export function stepUnheard(state: StreamState, senderPackets: number | undefined, atMs: number): StreamStep {
  return standStill(state, { ...state, reportedAtMs: atMs, senderPackets }, atMs - state.reportedAtMs);
}

function standStill(state: StreamState, next: StreamState, intervalMs: number): StreamStep {
  const carried = { ...next, cumulativeLost: state.cumulativeLost, toldLost: state.toldLost };
  if (state.senderPackets === undefined || next.senderPackets === undefined)
    return { state: carried, figures: undefined };
  const sent = next.senderPackets - state.senderPackets;
  if (sent < 0) return { state: carried, figures: undefined };
  if (sent < MIN_SILENT_PACKETS) return { state: { ...state, sourceSsrc: next.sourceSsrc }, figures: undefined };
  const figures: StreamFigures = { intervalMs, expected: sent, lost: sent, isSilent: true };
  return { state: { ...carried, toldLost: state.toldLost + sent }, figures };
}

function extended({ highestSequence, sequenceCycles }: ReportBlock): number {
  return sequenceCycles * 0x1_0000 + highestSequence;
}

/**
 * How far an extended highest number went on; a fall that is a short way on past a wrap is one whose cycle was not counted.
 *
 * @returns undefined where the stream began anew: another fall, or a leap.
 */
export function advanceBetween(before: number, after: number): number | undefined {
  const advance = after - before;
  if (advance >= 0) return advance <= MAX_ADVANCE ? advance : undefined;
  const pastWrap = ((after & 0xffff) - (before & 0xffff) + 0x1_0000) % 0x1_0000;
  return pastWrap > 0 && pastWrap < 0x8000 ? pastWrap : undefined;
}

function wrapped24(delta: number): number {
  if (delta > 0x7f_ffff) return delta - 0x100_0000;
  return delta < -0x80_0000 ? delta + 0x100_0000 : delta;
}
