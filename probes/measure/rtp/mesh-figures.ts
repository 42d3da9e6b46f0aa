import type { MeshMeasurement, StreamFigures } from '../../../wire/rtp-measurement.ts';
import { lossPattern } from './loss-pattern.ts';
import type { SenderState } from './mesh-sender-state.ts';
import type { TimeColumns } from './reply-times.ts';
import { delayVariation, quantile } from './sample-quantiles.ts';

/** The way back, and the round trips. */
export type ReverseReport = { readonly figures: StreamFigures; readonly rtt: NonNullable<MeshMeasurement['rtt']> };

const DAY_MS = 86_400_000;

/**
 * Figures of the packets from the first that no report has covered up to, without it, number `to`.
 *
 * @param times - of the answered packets of the interval.
 */
export function forwardFigures(state: Readonly<SenderState>, to: number, times: TimeColumns): StreamFigures {
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
  const variation = delayVariation(times.forwardMs);
  const oneWay = oneWayDelay(times, (at) => (times.forwardMs[at] ?? 0) + (times.apartMs[at] ?? 0));
  return {
    expected,
    received: expected - lost,
    lost,
    duplicates: Math.max(0, (state.newest?.duplicates ?? 0) - (state.reported?.duplicates ?? 0)),
    reordered: Math.max(0, (state.newest?.reordered ?? 0) - (state.reported?.reordered ?? 0)),
    lossRuns: pattern.lossRuns,
    jitterMs: Math.min(DAY_MS, mean(times.forwardJitterMs)),
    ...(variation && { delayVariation: variation }),
    ...(pattern.burst && { burst: pattern.burst }),
    ...(oneWay && { oneWayDelay: oneWay }),
    ...(times.lateMs.length > 0 && { pacingLateP99Ms: quantile(times.lateMs.toSorted(), 0.99) }),
  };
}

/** Figures of the replies from the first that no report has covered up to, without it, reply number `to`. */
export function reverseReport(state: Readonly<SenderState>, to: number, times: TimeColumns): ReverseReport {
  const isLost: boolean[] = [];
  for (let reply = state.reverseFrom; reply < to; reply += 1) isLost.push(!state.reverseReceived.has(reply));
  const { lost, lossRuns, burst } = lossPattern(isLost, state.packetMs);
  const variation = delayVariation(times.reverseMs);
  const oneWay = oneWayDelay(times, (at) => (times.reverseMs[at] ?? 0) - (times.apartMs[at] ?? 0));
  const figures: StreamFigures = {
    expected: isLost.length,
    received: isLost.length - lost,
    lost,
    duplicates: state.reverseDuplicates,
    reordered: state.reverseReordered,
    lossRuns,
    jitterMs: Math.min(DAY_MS, mean(times.reverseJitterMs)),
    ...(variation && { delayVariation: variation }),
    ...(burst && { burst }),
    ...(oneWay && { oneWayDelay: oneWay }),
  };
  const rtts = roundTripsOf(times).toSorted();
  const at = (share: number) => (rtts.length === 0 ? 0 : quantile(rtts, share));
  return { figures, rtt: { n: rtts.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) } };
}

/** Both ways of each packet together, milliseconds, without what the reflector held it for. */
export function roundTripsOf({ forwardMs, reverseMs }: TimeColumns): Float64Array {
  return forwardMs.map((oneWayMs, at) => Math.max(0, oneWayMs + (reverseMs[at] ?? 0)));
}

function oneWayDelay({ apartMs, errorMs }: TimeColumns, delayMs: (at: number) => number): StreamFigures['oneWayDelay'] {
  const known = [...apartMs.keys()].filter((at) => Number.isFinite(apartMs[at]));
  if (known.length === 0) return undefined;
  const delays = Float64Array.from(known, delayMs).toSorted();
  const mostErrorMs = known.reduce((most, at) => Math.max(most, errorMs[at] ?? 0), 0);
  return { minMs: quantile(delays, 0), p50Ms: quantile(delays, 0.5), errorMs: mostErrorMs };
}

/**
 * Of the running estimates, as Wireshark's mean jitter: the last alone would tell of the last third of a second only.
 *
 * @returns 0 without any.
 */
function mean(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
