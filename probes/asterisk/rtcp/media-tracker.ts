import type { RtpCallBlindMeasurement, RtpCallMeasurement } from '../../../wire/rtp-measurement.ts';
import type { CallLeg } from '../calls/call-leg.ts';
import { blindMeasurement, type LegMedia, mediaMeasurement, UNKNOWN_MEDIA, withRtt } from './leg-media.ts';
import type { LegStatus } from './leg-status.ts';
import { settleBase, withoutOwnGaps } from './own-gaps.ts';
import type { RtcpReport } from './rtcp-report.ts';
import { foldSenderCount, momentHeardUnits, packetsAt } from './sender-count.ts';
import {
  beginStream,
  type StreamFigures,
  type StreamState,
  type StreamStep,
  signedCumulativeLost,
  stepStream,
  stepUnheard,
} from './stream-deltas.ts';

/** What media teaches, or what has to be asked of Asterisk about a leg. */
export type MediaFinding =
  | { readonly kind: 'media'; readonly measurement: RtpCallMeasurement | RtpCallBlindMeasurement }
  | { readonly kind: 'ask'; readonly uniqueId: string; readonly channel: string };

/** Asterisk's interval between reports unless rtp.conf says otherwise, ms. */
const DEFAULT_INTERVAL_MS = 5000;
/** Intervals without a report after which a leg counts as blind. */
const BLIND_INTERVALS = 3;
/** Times that one leg is asked about; after it, its first interval and its codec stay unknown. */
const MAX_QUESTIONS = 3;
/** No codec sends more often than every 5 ms: more packets than this before the first report are not this stream's. */
const MIN_PACKET_MS = 5;

/**
 * Follows the media of provider legs by their RTCP. Pure but for its own memory: time comes in with each report. Only
 * answered legs give figures; what went before the answer is a base at most, so ringing never counts. No data is said to
 * be none (`rtp-call-blind`) and is never loss (safety rule 2).
 */
export class MediaTracker {
  readonly #legs = new Map<string, LegMedia>();
  /** Trunks whose far end has sent a report block: there the lack of one says that nothing is heard. */
  readonly #reportingTrunks = new Set<string>();
  #intervalMs = DEFAULT_INTERVAL_MS;

  /** Takes one report of a provider leg. */
  take(report: RtcpReport, leg: CallLeg, atMs: number): readonly MediaFinding[] {
    const before = this.#legs.get(leg.uniqueId) ?? UNKNOWN_MEDIA;
    const { direction, block } = report;
    if (direction === 'sent' && block !== undefined) this.#reportingTrunks.add(leg.trunk.trunk);
    const beganAtMs = before.hasEarlyMedia || leg.hasProgress || leg.hasGap ? undefined : leg.answeredAtMs;
    const counted: LegMedia =
      direction === 'received'
        ? { ...before, ourCount: foldSenderCount(before.ourCount, report, atMs, beganAtMs) }
        : { ...before, theirCount: foldSenderCount(before.theirCount, report, atMs, beganAtMs) };
    if (leg.answeredAtMs === undefined) {
      this.#legs.set(leg.uniqueId, { ...counted, hasEarlyMedia: true });
      return [];
    }
    const { media, rttMs } = withRtt({ ...counted, lastReportAtMs: atMs }, report);
    const stream = media[direction];
    if (stream === undefined) return this.#begin(media, report, leg, atMs);
    const step = this.#step(stream, media, report, atMs);
    const stepped = { ...media, [direction]: step.state };
    if (direction === 'received')
      return this.#tell({ media: stepped, report, leg, atMs, rttMs, figures: step.figures });
    const { gaps, figures } = withoutOwnGaps(
      settleBase(media.ownGaps, media.ourCount),
      step.state,
      step.figures,
      momentOf(report),
    );
    return this.#tell({ media: { ...stepped, ownGaps: gaps }, report, leg, atMs, rttMs, figures });
  }

  /** Takes the answer to a question, or that there was none (`undefined`). */
  takeStatus(leg: CallLeg, status: LegStatus | undefined, atMs: number): readonly MediaFinding[] {
    const before = this.#legs.get(leg.uniqueId) ?? UNKNOWN_MEDIA;
    const media: LegMedia = {
      ...before,
      isAsked: false,
      codec: status?.codec ?? before.codec,
      isDirectMedia: status?.isDirectMedia ?? before.isDirectMedia,
      beginning: undefined,
    };
    const openings = firstMeasurement(before, leg, status);
    const told = { ...media, hasFigures: media.hasFigures || openings.length > 0 };
    if (!this.#isOverdue(told, leg, atMs) || told.isToldBlind) {
      this.#legs.set(leg.uniqueId, told);
      return openings;
    }
    this.#legs.set(leg.uniqueId, { ...told, isToldBlind: true });
    const because = told.isDirectMedia ? 'direct-media' : 'no-rtcp';
    return [...openings, { kind: 'media', measurement: blindMeasurement(leg, because, atMs) }];
  }

  /** Looks for answered legs that have had no report for too long; Asterisk is asked why, once. */
  tick(legs: readonly CallLeg[], atMs: number): readonly MediaFinding[] {
    return legs.flatMap((leg) => {
      const media = this.#legs.get(leg.uniqueId) ?? UNKNOWN_MEDIA;
      if (leg.isMissing || media.isToldBlind || media.isAsked || !this.#isOverdue(media, leg, atMs)) return [];
      this.#legs.set(leg.uniqueId, { ...media, isAsked: true });
      return [ask(leg)];
    });
  }

  /** A leg has ended: says so if its media never gave a figure, and forgets it. */
  end(leg: CallLeg, atMs: number): readonly MediaFinding[] {
    const media = this.#legs.get(leg.uniqueId) ?? UNKNOWN_MEDIA;
    this.#legs.delete(leg.uniqueId);
    const { answeredAtMs } = leg;
    if (answeredAtMs === undefined || media.hasFigures || media.isToldBlind) return [];
    const isShort = atMs - answeredAtMs < 2 * this.#intervalMs;
    const because = media.isDirectMedia ? 'direct-media' : isShort ? 'too-short' : 'no-rtcp';
    return [{ kind: 'media', measurement: blindMeasurement(leg, because, atMs) }];
  }

  /** Events were missed, so no first interval still open can be closed. Streams go on: their counters are cumulative. */
  markGap(): void {
    for (const [uniqueId, media] of this.#legs) {
      this.#legs.set(uniqueId, { ...media, isAsked: false, beginning: undefined });
    }
  }

  /** Forgets every leg that is not among these. */
  keepOnly(legs: readonly CallLeg[]): void {
    const known = new Set(legs.map(({ uniqueId }) => uniqueId));
    for (const uniqueId of this.#legs.keys()) if (!known.has(uniqueId)) this.#legs.delete(uniqueId);
  }

  #begin(media: LegMedia, report: RtcpReport, leg: CallLeg, atMs: number): readonly MediaFinding[] {
    const { block, direction } = report;
    const isSpoken = direction === 'received' || this.#reportingTrunks.has(leg.trunk.trunk);
    const sender = senderPacketsOf(report, media, atMs);
    if (block === undefined) {
      const stream = isSpoken ? unheardStream(sender, atMs) : undefined;
      this.#legs.set(leg.uniqueId, { ...media, [direction]: stream });
      return [];
    }
    const begun = { ...media, [direction]: beginStream(block, sender, atMs) };
    if (direction === 'sent') {
      const { gaps } = withoutOwnGaps(
        media.ownGaps,
        begun.sent ?? beginStream(block, sender, atMs),
        undefined,
        momentOf(report),
      );
      return this.#askIfNeeded({ ...begun, ownGaps: gaps }, leg);
    }
    const startsWithLeg = !media.hasEarlyMedia && !leg.hasProgress && !leg.hasGap;
    const { sourceSsrc } = block;
    const cumulativeLost = signedCumulativeLost(block.cumulativeLostRaw);
    const opened = startsWithLeg ? { ...begun, beginning: { sourceSsrc, cumulativeLost, report, atMs } } : begun;
    return this.#askIfNeeded(opened, leg);
  }

  #askIfNeeded(media: LegMedia, leg: CallLeg): readonly MediaFinding[] {
    const isNeeded = media.codec === undefined || media.beginning !== undefined;
    if (!isNeeded || media.isAsked || media.questions >= MAX_QUESTIONS) {
      this.#legs.set(leg.uniqueId, media);
      return [];
    }
    this.#legs.set(leg.uniqueId, { ...media, isAsked: true, questions: media.questions + 1 });
    return [ask(leg)];
  }

  #step(stream: StreamState, media: LegMedia, report: RtcpReport, atMs: number): StreamStep {
    const { block } = report;
    const sender = senderPacketsOf(report, media, atMs);
    return block === undefined ? stepUnheard(stream, sender, atMs) : stepStream(stream, block, sender, atMs);
  }

  #tell(told: {
    readonly media: LegMedia;
    readonly report: RtcpReport;
    readonly leg: CallLeg;
    readonly atMs: number;
    readonly rttMs: number | undefined;
    readonly figures: StreamFigures | undefined;
  }): readonly MediaFinding[] {
    const { media, report, leg, atMs, rttMs, figures } = told;
    if (figures === undefined) return this.#askIfNeeded(media, leg);
    if (report.direction === 'received') this.#learnInterval(figures.intervalMs);
    const asked = this.#askIfNeeded({ ...media, hasFigures: true }, leg);
    const measurement = mediaMeasurement(leg, media.codec, report, figures, { atMs, rttMs });
    return [{ kind: 'media', measurement }, ...asked];
  }

  #learnInterval(intervalMs: number): void {
    if (intervalMs >= 400 && intervalMs <= 70_000) this.#intervalMs = intervalMs;
  }

  #isOverdue({ lastReportAtMs }: LegMedia, { answeredAtMs }: CallLeg, atMs: number): boolean {
    if (answeredAtMs === undefined) return false;
    return atMs - Math.max(answeredAtMs, lastReportAtMs ?? 0) > BLIND_INTERVALS * this.#intervalMs;
  }
}

function ask({ uniqueId, channel }: CallLeg): MediaFinding {
  return { kind: 'ask', uniqueId, channel };
}

/** Packets that the sender of a report's direction had sent when the report was made, by its own count. */
function senderPacketsOf({ direction, block }: RtcpReport, media: LegMedia, atMs: number): number | undefined {
  return packetsAt(direction === 'received' ? media.theirCount : media.ourCount, atMs, block?.heard);
}

/** When the other side made the report, by the clock of the side that the report speaks of. */
function momentOf({ block }: RtcpReport): number | undefined {
  return block?.heard && momentHeardUnits(block.heard);
}

/** A stream of which the other side has heard nothing at all. */
function unheardStream(senderPackets: number | undefined, atMs: number): StreamState {
  return { sourceSsrc: -1, extendedHighest: 0, cumulativeLost: 0, reportedAtMs: atMs, senderPackets, toldLost: 0 };
}

/**
 * The interval from the answer to the first report of what we received: its losses are the report's own count since the
 * stream's beginning; expected is what Asterisk has counted a moment later. Nothing where the counts cannot be of this
 * stream. There is no such figure for what we sent: holes of our own in its beginning could not be told from losses.
 */
function firstMeasurement(
  { beginning, codec }: LegMedia,
  leg: CallLeg,
  status: LegStatus | undefined,
): readonly MediaFinding[] {
  const { answeredAtMs } = leg;
  if (beginning === undefined || answeredAtMs === undefined || status?.receivedPackets === undefined) return [];
  const { atMs, cumulativeLost: lost, report, sourceSsrc } = beginning;
  const intervalMs = atMs - answeredAtMs;
  const expected = status.receivedPackets + Math.max(0, lost);
  if (status.theirSsrc !== sourceSsrc || expected > intervalMs / MIN_PACKET_MS + 50) return [];
  const figures: StreamFigures = { intervalMs, expected, lost, isSilent: false };
  const measurement = mediaMeasurement(leg, status.codec ?? codec, report, figures, { atMs, rttMs: undefined });
  return [{ kind: 'media', measurement }];
}
