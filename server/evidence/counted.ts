import { type SpreadCount, spreadInterval } from '../paths/quality/spread-loss.ts';
import { type SampleCount, wilsonInterval } from '../paths/wilson.ts';
import type { Counted } from './evidence-pack.ts';

/** Counts with their Wilson interval at 95 %; no ratio where nothing was sent. */
export function counted({ lost, sent }: SampleCount): Counted {
  return { sent, lost, ...(sent > 0 && { lossRatio: lost / sent }), ...wilsonInterval({ sent, lost }) };
}

/** Packets of media with an interval that is as wide as their bursts make it. */
export function spreadCounted({ intervals, lost, lostSquares, sent }: SpreadCount) {
  const { highRatio, lowRatio } = spreadInterval({ intervals, lost, lostSquares, sent });
  const ratio = sent > 0 ? { lossRatio: lost / sent } : {};
  return { sent, lost, ...ratio, lowRatio, highRatio, intervals, lostSquares };
}

/** Sum of several counts. */
export function summed(counts: readonly SampleCount[]): SampleCount {
  return {
    sent: counts.reduce((sum, { sent }) => sum + sent, 0),
    lost: counts.reduce((sum, { lost }) => sum + lost, 0),
  };
}

/** Sum of the media of several minutes. */
export function spreadSum(counts: readonly SpreadCount[]): SpreadCount {
  return {
    ...summed(counts),
    intervals: counts.reduce((sum, { intervals }) => sum + intervals, 0),
    lostSquares: counts.reduce((sum, { lostSquares }) => sum + lostSquares, 0),
  };
}
