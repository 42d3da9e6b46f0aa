import type { Measurement } from '../wire/measurement.ts';
import type { ProbeConfig } from './config-schema.ts';
import { linePeers } from './line-peers.ts';
import { LineRunner } from './line-runner.ts';
import { MeshRunner } from './measure/rtp/mesh-runner.ts';
import { meshPeers } from './mesh-peers.ts';
import { LineBook } from './metrics/line-book.ts';
import { MeshBook } from './metrics/mesh-book.ts';
import type { ProbeMetrics } from './metrics/metrics-server.ts';

/** What measuring between sites needs from the outside. None of the callbacks may throw. */
export type BetweenSitesDeps = {
  readonly config: ProbeConfig;
  readonly metrics: ProbeMetrics;
  /** Undefined while it is not known. */
  readonly liveCalls: () => number | undefined;
  readonly heldFence: () => number;
  readonly send: (measurement: Measurement) => void;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** The RTP mesh and the line test: both measure towards peers, and both yield to live calls. */
export function measureBetweenSites({ config, heldFence, liveCalls, metrics, onFault, send }: BetweenSitesDeps) {
  const { sourceAddress } = config;
  const lineBook = new LineBook(metrics);
  const line = new LineRunner({
    isEnabled: config.line.isEnabled,
    peers: linePeers(config),
    sourceAddress,
    port: config.line.port,
    bounds: config.line,
    limits: config.line,
    yieldAtCalls: config.line.yieldAtCalls,
    liveCalls,
    heldFence,
    onMeasurement: (measurement) => {
      lineBook.take(measurement);
      send(measurement);
    },
    onRefused: (reason) => lineBook.takeRefused(reason),
    onFault,
  });
  const meshBook = new MeshBook(metrics);
  const mesh = new MeshRunner({
    peers: meshPeers(config),
    sourceAddress,
    port: config.mesh.port,
    limits: config.mesh,
    onMeasurement: (measurement) => {
      meshBook.take(measurement);
      send(measurement);
    },
    onSamples: (target, rttsMs, latesMs) => meshBook.takeSamples(target, rttsMs, latesMs),
    onRefused: (reason, count) => meshBook.takeRefused(reason, count),
    onOwnDrops: (count) => meshBook.takeOwnDrops(count),
    onFault,
  });
  return { line, mesh };
}
