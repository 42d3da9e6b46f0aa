import type { Figure, FigureKind } from '../../../../wire/figures.ts';
import { codecGround } from '../e-model/codec-table.ts';
import { type MosNb, mosOfRating } from '../e-model/mos.ts';
import { delayOf, rate } from '../e-model/rating.ts';
import type { MediaPool } from '../media-window.ts';
import { dispersion, spreadInterval } from '../spread-loss.ts';

/** What a pool of media is of, and in which words it is shown. */
export type MediaSubject = {
  readonly kind: FigureKind;
  readonly direction: Figure['direction'];
  readonly source: string;
  readonly notes: readonly string[];
  readonly windowMs: number;
};

/** Loss of a pool with an interval that allows for bursts. */
export function lossFigure(pool: MediaPool, subject: MediaSubject): Figure {
  const { highRatio, independent, lowRatio } = spreadInterval(pool);
  const spread = dispersion(pool);
  const isSpread = spread > 1.5;
  const bursts = isSpread ? `lost in bursts: counts for ${Math.round(independent)} independent packets` : undefined;
  const few = pool.intervals < 3 ? 'fewer than three intervals: bursts cannot be told' : undefined;
  const silent =
    pool.silentIntervals > 0 ? `${pool.silentIntervals} intervals in which the far end heard nothing` : undefined;
  return {
    kind: subject.kind,
    direction: subject.direction,
    value: pool.lost / pool.sent,
    unit: 'ratio',
    low: lowRatio,
    high: highRatio,
    n: pool.sent,
    sample: 'RTP packet',
    windowMs: subject.windowMs,
    newestAtEpochMs: pool.newestAtMs,
    source: subject.source,
    notes: [...subject.notes, ...[bursts, few, silent].flatMap((note) => note ?? [])],
  };
}

/** Interarrival jitter of a pool, weighted by packets; undefined where none was measured. */
export function jitterFigure(pool: MediaPool, subject: MediaSubject): Figure | undefined {
  if (pool.jitterMs === undefined) return undefined;
  return {
    kind: subject.kind,
    direction: subject.direction,
    value: pool.jitterMs,
    unit: 'milliseconds',
    n: pool.intervals,
    sample: 'report interval',
    windowMs: subject.windowMs,
    newestAtEpochMs: pool.newestAtMs,
    source: `${subject.source}; interarrival jitter of RFC 3550, mean of the intervals weighted by their packets`,
    notes: [...subject.notes, 'no interval: an estimator with a memory of 16 packets'],
  };
}

/** Delay of the E-model besides the network: 20 ms of packet and a jitter buffer of 40 ms. */
const TERMINAL_DELAY_MS = 60;

/** What a MOS is reckoned from besides the pool. */
export type MosGround = {
  readonly codec: string | undefined;
  /** Round trip of the network, milliseconds; undefined where none was measured. */
  readonly rttMs: number | undefined;
  /** Mean run of losses over that of random loss; 1 where runs are not known. */
  readonly burstRatio: number;
};

/**
 * MOS at the loss of a pool, with the MOS at both ends of the loss's interval. Of narrow-band codecs with published values
 * only: no other gets a number.
 *
 * @returns undefined where the codec has no ground.
 * @see ITU-T G.107, G.113 appendix I.
 */
export function mosFigure(pool: MediaPool, subject: MediaSubject, ground: MosGround): Figure | undefined {
  const codec = codecGround(ground.codec);
  if (codec.scale !== 'narrow-band') return undefined;
  const oneWayMs = (ground.rttMs ?? 0) / 2 + TERMINAL_DELAY_MS;
  const mosAt = (lossRatio: number): MosNb => {
    const impaired = { ie: codec.ie, bpl: codec.bpl, lossPercent: lossRatio * 100, burstRatio: ground.burstRatio };
    return mosOfRating(rate({ ...impaired, ...delayOf(oneWayMs) }).rFactor);
  };
  const { highRatio, lowRatio } = spreadInterval(pool);
  const network =
    ground.rttMs === undefined
      ? 'network delay not measured, taken as 0'
      : `network delay measured as half the round trip, ${Math.round(ground.rttMs / 2)} ms`;
  return {
    kind: 'mos-nb',
    direction: subject.direction,
    value: mosAt(pool.lost / pool.sent),
    unit: 'mos',
    low: mosAt(highRatio),
    high: mosAt(lowRatio),
    n: pool.sent,
    sample: 'RTP packet',
    windowMs: subject.windowMs,
    newestAtEpochMs: pool.newestAtMs,
    source: `E-model (ITU-T G.107), narrow band, at the pooled loss; ${subject.source}`,
    notes: [
      codec.sayHow,
      'loss of the network only: what a jitter buffer throws away is not in it',
      `${network}; 60 ms of packet and jitter buffer assumed`,
      ground.burstRatio === 1
        ? 'loss taken as random (BurstR 1)'
        : `BurstR ${ground.burstRatio.toFixed(2)} from the loss runs`,
      ...subject.notes,
    ],
  };
}

/**
 * BurstR: mean observed run of losses over the mean run that random loss of the same ratio has, 1 / (1 - p); at least 1.
 *
 * @see ITU-T G.107 §7.5.
 */
export function burstRatio({ lost, lossRuns, sent }: MediaPool): number {
  if (lossRuns <= 0 || lost <= 0 || lost >= sent) return 1;
  return Math.max(1, (lost / lossRuns) * (1 - lost / sent));
}
