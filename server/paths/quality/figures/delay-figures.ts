import type { Figure } from '../../../../wire/figures.ts';
import type { MeshMeasurement } from '../../../../wire/rtp-measurement.ts';

/** Delay of the last report of one direction of a mesh stream: delay variation, and one-way delay where both clocks are known. */
export function delayFigures(
  { direction, figures, intervalMs }: MeshMeasurement,
  newestAtEpochMs: number,
): readonly Figure[] {
  const { delayVariation, oneWayDelay, received } = figures;
  const shared = { direction, unit: 'milliseconds', n: received, sample: 'RTP packet', windowMs: intervalMs } as const;
  return [
    ...(delayVariation
      ? [
          {
            ...shared,
            kind: 'mesh-delay-variation',
            value: delayVariation.p95Ms,
            newestAtEpochMs,
            source:
              '95 of 100 packets came at most so much later than the fastest one of the last report (RFC 5481 PDV)',
            notes: [
              `median ${delayVariation.p50Ms.toFixed(1)} ms, 99 of 100 ${delayVariation.p99Ms.toFixed(1)} ms, worst ${delayVariation.maxMs.toFixed(1)} ms`,
              'no interval: quantiles of one report',
            ],
          } as const,
        ]
      : []),
    ...(oneWayDelay
      ? [
          {
            ...shared,
            kind: 'mesh-one-way-delay',
            value: oneWayDelay.p50Ms,
            low: oneWayDelay.p50Ms - oneWayDelay.errorMs,
            high: oneWayDelay.p50Ms + oneWayDelay.errorMs,
            newestAtEpochMs,
            source: 'median difference of the two hosts’ clocks at sending and receiving',
            notes: ['the interval is the bound of both clocks’ error, not of the samples'],
          } as const,
        ]
      : []),
  ];
}
