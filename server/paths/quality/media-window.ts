import { MinuteSums } from './minute-sums.ts';
import type { SpreadCount } from './spread-loss.ts';

/** One interval of one stream, however it was learnt. Packets, milliseconds. */
export type MediaInterval = {
  readonly expected: number;
  /** Below 0 where duplicates outweigh losses. */
  readonly lost: number;
  readonly lossRuns?: number;
  readonly jitterMs?: number | undefined;
  readonly rttMs?: number | undefined;
  readonly isSilent?: boolean;
};

/** Pooled figures of a window; means are weighted by packets, so a long call counts for as much as it is long. */
export type MediaPool = SpreadCount & {
  readonly lossRuns: number;
  readonly silentIntervals: number;
  readonly jitterMs: number | undefined;
  readonly rttMs: number | undefined;
  readonly newestAtMs: number;
};

type Lane = 'n' | 'sent' | 'lost' | 'squares' | 'runs' | 'silent' | 'jitter' | 'jitterSent' | 'rtt' | 'rttN';

/** Media of one direction of one path or trunk, pooled over all its streams: sums of packets, never means of means. */
export class MediaWindow {
  readonly #sums = new MinuteSums<Lane>();

  /** Adds an interval that ended at `atMs`, hub time. One without a packet expected says nothing. */
  add(atMs: number, { expected, isSilent, jitterMs, lossRuns, lost, rttMs }: MediaInterval): void {
    if (expected <= 0) return;
    this.#sums.add(atMs, {
      n: 1,
      sent: expected,
      lost,
      squares: lost ** 2 / expected,
      runs: lossRuns ?? 0,
      silent: isSilent ? 1 : 0,
      ...(jitterMs === undefined ? {} : { jitter: jitterMs * expected, jitterSent: expected }),
      ...(rttMs === undefined ? {} : { rtt: rttMs, rttN: 1 }),
    });
  }

  /** What came since `sinceMs`; undefined where nothing did. */
  pool(sinceMs: number): MediaPool | undefined {
    const sum = (lane: Lane) => this.#sums.sum(lane, sinceMs);
    const sent = sum('sent');
    if (sent === 0) return undefined;
    const jitterSent = sum('jitterSent');
    const rttN = sum('rttN');
    return {
      sent,
      lost: Math.min(sent, Math.max(0, sum('lost'))),
      intervals: sum('n'),
      lostSquares: sum('squares'),
      lossRuns: sum('runs'),
      silentIntervals: sum('silent'),
      jitterMs: jitterSent > 0 ? sum('jitter') / jitterSent : undefined,
      rttMs: rttN > 0 ? sum('rtt') / rttN : undefined,
      newestAtMs: this.#sums.newestAtMs,
    };
  }
}
