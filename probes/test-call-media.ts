import type { StreamFigures } from '../wire/rtp-measurement.ts';
import { lossPattern } from './measure/rtp/loss-pattern.ts';
import type { ReportBlock } from './measure/rtp/rtcp-packet.ts';
import { quantile } from './measure/rtp/sample-quantiles.ts';
import { figuresOf, type StreamState } from './measure/rtp/stream-receiver.ts';

/** Bytes of a payload that carry its stamp: 4 of magic, 4 of the call's token, 4 of the packet's number, big-endian. */
export const STAMP_BYTES = 12;
const MAGIC = 0x74774531;

/** Marks a payload so that an echo of it is known again. The rest of the payload stays as it is. */
export function writeStamp(payload: Uint8Array, token: number, packetNumber: number): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  view.setUint32(0, MAGIC);
  view.setUint32(4, token);
  view.setUint32(8, packetNumber);
}

/** Number of the packet whose echo this is; `undefined` for any other payload, and for one that was transcoded on its way. */
export function readStamp(payload: Uint8Array, token: number): number | undefined {
  if (payload.length < STAMP_BYTES) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (view.getUint32(0) !== MAGIC || view.getUint32(4) !== token) return undefined;
  return view.getUint32(8);
}

/** What a call's media met; all by the same monotonic clock. */
export type MediaRecord = {
  readonly packetMs: number;
  readonly clockRateHz: number;
  /** Packets sent; their numbers run from 0. */
  readonly sent: number;
  readonly latesMs: readonly number[];
  /** Round trip of each packet whose echo came first, by number. */
  readonly echoRttsMs: ReadonlyMap<number, number>;
  /** Statistics over the stamps of echoes, and over the RTP headers of all packets. */
  readonly echo: StreamState;
  readonly stream: StreamState;
  /** Last report block on our stream with the extended sequence number of our first packet. */
  readonly report: ReportBlock | undefined;
  readonly firstSequence: number;
  /** Round trips by RTCP. */
  readonly reportRttsMs: readonly number[];
};

/** Media part of the measurement of a test call. */
export type MediaFigures = {
  readonly received?: StreamFigures;
  readonly receivedCovers?: 'round-trip' | 'reverse';
  readonly forward?: { readonly expected: number; readonly lost: number; readonly jitterMs: number };
  readonly rttMs?: number;
};

/**
 * Figures of a call's media.
 *
 * An echo is counted by the stamps in its payload, so losses on the way there show too, also where the far end numbers its
 * packets anew. Packets before the first echo are left out: the number may not have begun to echo. All after it count, the last
 * as well: the caller has waited for them. An echo that gave nothing back at all has lost everything. Where no stamp survives
 * (transcoding on the way) the returning stream is counted by its own numbers, and covers the reverse direction alone.
 */
export function mediaFigures(far: 'echo' | 'tone' | 'none', record: MediaRecord): MediaFigures {
  const { clockRateHz, echoRttsMs, firstSequence, latesMs, report, reportRttsMs } = record;
  const late =
    latesMs.length > 0
      ? {
          pacingLateP99Ms: quantile(
            latesMs.toSorted((a, b) => a - b),
            0.99,
          ),
        }
      : {};
  const reverse = figuresOf(record.stream);
  const isEcho = far === 'echo' && (echoRttsMs.size > 0 || !reverse);
  const received = isEcho ? echoFigures(record) : far === 'none' ? undefined : reverse;
  const echoRtts = [...echoRttsMs.values()].toSorted((a, b) => a - b);
  const rtts = reportRttsMs.toSorted((a, b) => a - b);
  const expected = report ? report.extendedSequence - firstSequence + 1 : 0;
  const rttMs = rtts.length > 0 ? quantile(rtts, 0.5) : echoRtts.length > 0 ? quantile(echoRtts, 0.5) : undefined;
  return {
    ...(received && {
      received: { ...received, ...(isEcho && late) },
      receivedCovers: isEcho ? 'round-trip' : 'reverse',
    }),
    ...(report &&
      expected > 0 && {
        forward: {
          expected,
          lost: report.cumulativeLost,
          jitterMs: (report.interarrivalJitter * 1000) / clockRateHz,
        },
      }),
    ...(rttMs !== undefined && { rttMs }),
  };
}

function echoFigures({ echo, echoRttsMs, packetMs, sent }: MediaRecord): StreamFigures | undefined {
  if (sent === 0) return undefined;
  const numbers = [...echoRttsMs.keys()];
  const first = numbers.length > 0 ? Math.min(...numbers) : 0;
  const isLost = Array.from({ length: sent - first }, (_, at) => !echoRttsMs.has(first + at));
  const { burst, lost, lossRuns } = lossPattern(isLost, packetMs);
  const seen = figuresOf(echo);
  return {
    expected: isLost.length,
    received: isLost.length - lost,
    lost,
    duplicates: seen?.duplicates ?? 0,
    reordered: seen?.reordered ?? 0,
    lossRuns,
    jitterMs: seen?.jitterMs ?? 0,
    ...(seen?.delayVariation && { delayVariation: seen.delayVariation }),
    ...(burst && { burst }),
  };
}
