import type { Figure } from '../../../../wire/figures.ts';
import { type CodecGround, codecGround } from '../e-model/codec-table.ts';
import { mosOfRating, mosOfWideBandRating } from '../e-model/mos.ts';
import { delayOf, rate } from '../e-model/rating.ts';
import { rateWideBand } from '../e-model/wide-band.ts';
import type { MediaPool } from '../media-window.ts';
import { spreadInterval } from '../spread-loss.ts';
import type { MediaSubject } from './loss-figures.ts';

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
 * MOS at the loss of a pool, with the MOS at both ends of the loss's interval, on the scale of the codec: `mos-nb` or
 * `mos-wb`, which are never compared. Of codecs with published values only: no other gets a number.
 *
 * @returns undefined where the codec has no ground.
 * @see ITU-T G.107, G.107.1, G.113 appendix I.
 */
export function mosFigure(pool: MediaPool, subject: Omit<MediaSubject, 'kind'>, ground: MosGround): Figure | undefined {
  const codec = codecGround(ground.codec);
  if (codec.scale === 'none') return undefined;
  const { highRatio, lowRatio } = spreadInterval(pool);
  const network =
    ground.rttMs === undefined
      ? 'network delay not measured, taken as 0'
      : `network delay measured as half the round trip, ${Math.round(ground.rttMs / 2)} ms`;
  const model =
    codec.scale === 'narrow-band' ? 'E-model (ITU-T G.107), narrow band' : 'E-model (ITU-T G.107.1), wide band';
  return {
    kind: codec.scale === 'narrow-band' ? 'mos-nb' : 'mos-wb',
    direction: subject.direction,
    value: mosAt(codec, pool.lost / pool.sent, ground),
    unit: 'mos',
    low: mosAt(codec, highRatio, ground),
    high: mosAt(codec, lowRatio, ground),
    n: pool.sent,
    sample: 'RTP packet',
    windowMs: subject.windowMs,
    newestAtEpochMs: pool.newestAtMs,
    source: `${model}, at the pooled loss; ${subject.source}`,
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
 * MOS of one report interval on the narrow-band scale, 1 to 4.5.
 *
 * @param lossRatio - 0 to 1; outside of it the nearer end.
 * @returns undefined for a codec without narrow-band values.
 */
export function narrowBandMos(lossRatio: number, ground: MosGround): number | undefined {
  const codec = codecGround(ground.codec);
  return codec.scale === 'narrow-band' ? mosAt(codec, Math.min(1, Math.max(0, lossRatio)), ground) : undefined;
}

/**
 * MOS of one report interval on the scale of its codec, narrow-band or wide-band: to be compared with others of that codec only.
 *
 * @param lossRatio - 0 to 1; outside of it the nearer end.
 * @returns undefined for a codec without published values.
 */
export function reportMos(lossRatio: number, ground: MosGround): number | undefined {
  const codec = codecGround(ground.codec);
  return codec.scale === 'none' ? undefined : mosAt(codec, Math.min(1, Math.max(0, lossRatio)), ground);
}

function mosAt(
  { bpl, ie, scale }: Extract<CodecGround, { readonly ieSource: 'g113' }>,
  lossRatio: number,
  { burstRatio, rttMs }: MosGround,
): number {
  const impaired = { ie, bpl, lossPercent: lossRatio * 100, burstRatio };
  const oneWayMs = (rttMs ?? 0) / 2 + TERMINAL_DELAY_MS;
  if (scale === 'wide-band') return mosOfWideBandRating(rateWideBand(impaired, oneWayMs));
  return mosOfRating(rate({ ...impaired, ...delayOf(oneWayMs) }).rFactor);
}
