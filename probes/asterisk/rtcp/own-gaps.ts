import { packetsBetweenReports, type SenderCount } from './sender-count.ts';
import { advanceBetween, type StreamFigures, type StreamState } from './stream-deltas.ts';

/** What is known of the holes in the sequence numbers that this PBX sends. */
export type OwnGaps = {
  readonly sourceSsrc: number;
  /** Highest number of the last report, and how far it has gone on since the base; a wrap does not show in the sum. */
  readonly highest: number;
  readonly advanced: number;
  readonly basePackets: number;
  /** When the base was, by our own clock as RTCP tells it; undefined where that is not known, or the base is settled. */
  readonly baseMomentUnits: number | undefined;
  /** Packets already taken off the far end's losses. */
  readonly forgiven: number;
  /** Lost packets told since the base, less what was taken off: never below 0. */
  readonly told: number;
};

/**
 * Packets by which the two counts may differ without a hole: ours is reckoned to the moment of the far end's report, which
 * was some milliseconds under way.
 */
const SLACK_PACKETS = 5;

/**
 * Takes off the far end's losses what this PBX never sent. Asterisk passes the sequence numbers of the other leg on, so a packet
 * that the phone's network lost is a hole in what goes to the provider, and the provider's RTCP counts it as lost. The number of
 * packets that we say we sent does not hold it: the advance of the highest number beyond that count is our own hole. A hole
 * that shows an interval late makes that interval's loss negative, and one that turns out to be none (our count was late) is given back, so that the sum over
 * the call is right.
 *
 * @param stream - the state after the report; its `senderPackets` are our own.
 * @param momentUnits - when the far end made the report, by our own clock.
 * @returns the figures without the holes; none where our count is not known at both ends of the interval.
 * @see Asterisk 22 res_rtp_asterisk.c (`AST_FRFLAG_HAS_SEQUENCE_NUMBER`)
 */
export function withoutOwnGaps(
  gaps: OwnGaps | undefined,
  stream: StreamState,
  figures: StreamFigures | undefined,
  momentUnits?: number,
): { readonly gaps: OwnGaps | undefined; readonly figures: StreamFigures | undefined } {
  const { extendedHighest, senderPackets, sourceSsrc } = stream;
  if (senderPackets === undefined) return { gaps: undefined, figures: undefined };
  if (gaps === undefined || gaps.sourceSsrc !== sourceSsrc) {
    return { gaps: freshGaps(stream, senderPackets, momentUnits), figures: undefined };
  }
  const advance = advanceBetween(gaps.highest, extendedHighest);
  if (advance === undefined) return { gaps: freshGaps(stream, senderPackets, momentUnits), figures };
  const gone = { ...gaps, highest: extendedHighest, advanced: gaps.advanced + advance };
  if (figures === undefined || figures.isSilent) return { gaps: gone, figures };
  const holes = gone.advanced - (senderPackets - gaps.basePackets) - SLACK_PACKETS;
  const told = gaps.told + figures.lost;
  const taken = Math.min(Math.max(0, holes) - gaps.forgiven, Math.max(0, told), figures.expected);
  return {
    gaps: { ...gone, forgiven: gaps.forgiven + taken, told: Math.max(0, told - taken) },
    figures: { ...figures, expected: figures.expected - taken, lost: figures.lost - taken },
  };
}

function freshGaps(
  { extendedHighest, sourceSsrc }: StreamState,
  basePackets: number,
  baseMomentUnits: number | undefined,
): OwnGaps {
  return { sourceSsrc, highest: extendedHighest, advanced: 0, basePackets, baseMomentUnits, forgiven: 0, told: 0 };
}

/**
 * Our count at the base was reckoned beyond our last report, at a pace that the call had perhaps not had for long. Once our
 * next report is out it is known, and every hole since is counted from there.
 */
export function settleBase(gaps: OwnGaps | undefined, ourCount: SenderCount | undefined): OwnGaps | undefined {
  if (gaps?.baseMomentUnits === undefined) return gaps;
  const basePackets = packetsBetweenReports(ourCount, gaps.baseMomentUnits);
  return basePackets === undefined ? gaps : { ...gaps, basePackets, baseMomentUnits: undefined };
}
