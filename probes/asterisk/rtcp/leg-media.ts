import type { RtpCallBlindMeasurement, RtpCallMeasurement } from '../../../wire/rtp-measurement.ts';
import type { CallLeg } from '../calls/call-leg.ts';
import { clockRateHz } from './codec-clock.ts';
import type { OwnGaps } from './own-gaps.ts';
import type { RtcpReport } from './rtcp-report.ts';
import { EMPTY_RTT_MEMORY, filterRtt, type RttMemory } from './rtt-filter.ts';
import type { SenderCount } from './sender-count.ts';
import type { StreamFigures, StreamState } from './stream-deltas.ts';

/** The first report of what we received, where its stream began with the answer, until Asterisk has said how many it has counted. */
export type OpenBeginning = {
  readonly sourceSsrc: number;
  /** Signed; since the stream's beginning. */
  readonly cumulativeLost: number;
  readonly report: RtcpReport;
  readonly atMs: number;
};

/** What is remembered of the media of one leg. A new value replaces the old at each report. */
export type LegMedia = {
  readonly received: StreamState | undefined;
  readonly sent: StreamState | undefined;
  readonly beginning: OpenBeginning | undefined;
  readonly ownGaps: OwnGaps | undefined;
  /** What each side says it has sent. */
  readonly ourCount: SenderCount | undefined;
  readonly theirCount: SenderCount | undefined;
  /** RTCP came before the answer: the streams began with the ringing, which is not counted. */
  readonly hasEarlyMedia: boolean;
  readonly codec: string | undefined;
  readonly rtt: RttMemory;
  readonly lastReportAtMs: number | undefined;
  readonly hasFigures: boolean;
  readonly isDirectMedia: boolean;
  readonly isToldBlind: boolean;
  readonly isAsked: boolean;
  /** Questions put to Asterisk that brought no answer, or none that helps. */
  readonly questions: number;
};

/** A leg of whose media nothing is known. */
export const UNKNOWN_MEDIA: LegMedia = {
  received: undefined,
  sent: undefined,
  beginning: undefined,
  ownGaps: undefined,
  ourCount: undefined,
  theirCount: undefined,
  hasEarlyMedia: false,
  codec: undefined,
  rtt: EMPTY_RTT_MEMORY,
  lastReportAtMs: undefined,
  hasFigures: false,
  isDirectMedia: false,
  isToldBlind: false,
  isAsked: false,
  questions: 0,
};

/** Folds a report's round trip in; the believed one comes back beside the memory. */
export function withRtt(media: LegMedia, report: RtcpReport): { media: LegMedia; rttMs: number | undefined } {
  if (report.rttMs === undefined) return { media, rttMs: undefined };
  const { memory, rttMs } = filterRtt(media.rtt, report.rttMs);
  return { media: { ...media, rtt: memory }, rttMs };
}

/**
 * One interval as it goes to the hub. Jitter is told only where the codec, and with it the clock, is known; beside a
 * silence it would be that of packets long past.
 */
export function mediaMeasurement(
  leg: CallLeg,
  codec: string | undefined,
  report: RtcpReport,
  figures: StreamFigures,
  at: { readonly atMs: number; readonly rttMs: number | undefined },
): RtpCallMeasurement {
  const rateHz = codec === undefined ? undefined : clockRateHz(codec);
  const { block, asteriskMes } = report;
  const hasJitter = rateHz !== undefined && block !== undefined && !figures.isSilent;
  const jitterMs = hasJitter ? (block.interarrivalJitterTicks / rateHz) * 1000 : undefined;
  return {
    kind: 'rtp-call',
    ...named(leg),
    ...(leg.class === undefined ? {} : { class: leg.class }),
    direction: report.direction,
    observedAtMs: at.atMs,
    intervalMs: Math.max(0, figures.intervalMs),
    expected: figures.expected,
    lost: figures.lost,
    ...(jitterMs === undefined || jitterMs > 86_400_000 ? {} : { jitterMs }),
    ...(at.rttMs === undefined ? {} : { rttMs: at.rttMs }),
    ...(codec === undefined ? {} : { codec }),
    ...(rateHz === undefined ? {} : { clockRateHz: rateHz }),
    isFinal: false,
    source: 'rtcp',
    ...(asteriskMes === undefined || figures.isSilent ? {} : { asteriskMes }),
    ...(figures.isSilent && report.direction === 'sent' ? { isSilentReceiver: true } : {}),
  };
}

/** That a call's media gives no figures, and why. */
export function blindMeasurement(
  leg: CallLeg,
  because: RtpCallBlindMeasurement['because'],
  atMs: number,
): RtpCallBlindMeasurement {
  return { kind: 'rtp-call-blind', ...named(leg), observedAtMs: atMs, because };
}

function named({ trunk, edge, number }: CallLeg) {
  return { trunk: trunk.trunk, ...(edge === undefined ? {} : { edge }), leg: number };
}
