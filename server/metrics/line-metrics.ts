import { lineBitsPerSecond } from '../../wire/host-measurement.ts';
import type { LineResult } from '../orders/line-order-runner.ts';
import type { HubMetrics } from './registry-server.ts';

/** Counts both directions of a transfer that is over, by the sites of its line. */
export function observeLine(metrics: HubMetrics, result: LineResult): void {
  const [site = '', peerSite = ''] = result.order.line.split('>');
  for (const direction of ['forward', 'reverse'] as const) {
    const line = result[direction];
    const labels = { site, peer_site: peerSite, direction };
    metrics.count('lineTransfers', { ...labels, outcome: line?.outcome ?? 'unheard' });
    const rate = line?.outcome === 'measured' ? lineBitsPerSecond(line) : undefined;
    if (rate !== undefined) metrics.observe('lineRate', rate, labels);
  }
}
