import { beforeEach, describe, expect, it } from 'vitest';
import { MeshBook } from '../../../probes/metrics/mesh-book.ts';
import { ProbeMetrics } from '../../../probes/metrics/metrics-server.ts';
import type { MeshMeasurement } from '../../../wire/rtp-measurement.ts';

const REPORT: MeshMeasurement = {
  kind: 'rtp-mesh',
  target: 'peer.ams-1',
  session: 'session-0001',
  direction: 'forward',
  sequence: 0,
  startedAtMs: 0,
  intervalMs: 10_000,
  packetMs: 20,
  payloadBytes: 160,
  figures: {
    expected: 500,
    received: 480,
    lost: 20,
    duplicates: 3,
    reordered: 4,
    lossRuns: [20, 0, 0, 0, 0, 0, 0, 0],
    jitterMs: 1.5,
  },
};

describe('MeshBook', () => {
  let book: MeshBook;
  let shown: (name: string) => Promise<readonly string[]>;

  beforeEach(() => {
    const metrics = new ProbeMetrics();
    book = new MeshBook(metrics);
    shown = async (name) => {
      const { text } = await metrics.expose();
      return text.split('\n').filter((line) => line.startsWith(`trunkward_mesh_${name}`));
    };
  });

  it('adds up what reports say, each direction of each peer for itself', async () => {
    book.take(REPORT);
    book.take({ ...REPORT, sequence: 1 });
    book.take({
      ...REPORT,
      direction: 'reverse',
      figures: { ...REPORT.figures, lost: 0, duplicates: 0, reordered: 0 },
    });
    book.take({ ...REPORT, target: 'peer.ams-2' });
    const forward = '{target="peer.ams-1",direction="forward"}';
    const reverse = '{target="peer.ams-1",direction="reverse"}';
    const other = '{target="peer.ams-2",direction="forward"}';
    const lines = async (name: string, counts: readonly number[]) =>
      expect(await shown(name)).toEqual(
        [forward, reverse, other].map((labels, at) => `trunkward_mesh_${name}${labels} ${counts[at]}`),
      );
    await lines('packets_total', [1000, 500, 500]);
    await lines('packets_lost_total', [40, 0, 20]);
    await lines('packets_duplicate_total', [6, 0, 3]);
    await lines('packets_reordered_total', [8, 0, 4]);
  });

  it('observes the jitter of each report in seconds', async () => {
    book.take(REPORT);
    book.take(REPORT);
    expect(await shown('jitter_seconds_sum')).toEqual([
      'trunkward_mesh_jitter_seconds_sum{target="peer.ams-1",direction="forward"} 0.003',
    ]);
    expect(await shown('jitter_seconds_count')).toEqual([
      'trunkward_mesh_jitter_seconds_count{target="peer.ams-1",direction="forward"} 2',
    ]);
  });

  it('counts a stream that does not run by its reason, and no packet as expected or lost (rule 2)', async () => {
    const idle = { kind: 'rtp-mesh-idle', target: 'peer.ams-1', session: 'session-0001', observedAtMs: 1 } as const;
    book.take({ ...idle, because: 'live-calls' });
    book.take({ ...idle, because: 'live-calls' });
    book.take({ ...idle, because: 'no-reflector' });
    expect(await shown('idle_total')).toEqual([
      'trunkward_mesh_idle_total{target="peer.ams-1",reason="live-calls"} 2',
      'trunkward_mesh_idle_total{target="peer.ams-1",reason="no-reflector"} 1',
    ]);
    expect(await shown('packets')).toEqual([]);
  });

  it('observes every round trip of a peer, and how late packets left over all peers', async () => {
    book.takeSamples('peer.ams-1', [10, 20, 250], [0.5, 1.5]);
    expect(await shown('rtt_seconds_count')).toEqual(['trunkward_mesh_rtt_seconds_count{target="peer.ams-1"} 3']);
    expect(await shown('rtt_seconds_sum')).toEqual(['trunkward_mesh_rtt_seconds_sum{target="peer.ams-1"} 0.28']);
    expect(await shown('pacing_late_seconds_count')).toEqual(['trunkward_mesh_pacing_late_seconds_count 2']);
    expect(await shown('pacing_late_seconds_sum')).toEqual(['trunkward_mesh_pacing_late_seconds_sum 0.002']);
  });

  it('counts what the host dropped in front of the port, and what got nothing back, by reason', async () => {
    book.takeOwnDrops(7);
    book.takeOwnDrops(2);
    book.takeRefused('wrong-seal', 3);
    book.takeRefused('unknown-session', 1);
    expect(await shown('own_drops_total')).toEqual(['trunkward_mesh_own_drops_total 9']);
    expect(await shown('refused_datagrams_total')).toEqual([
      'trunkward_mesh_refused_datagrams_total{reason="wrong-seal"} 3',
      'trunkward_mesh_refused_datagrams_total{reason="unknown-session"} 1',
    ]);
  });
});
