import { describe, expect, it } from 'vitest';
import { observeTrunks, QualityMetrics } from '../../../server/metrics/quality-metrics.ts';
import { HubMetrics } from '../../../server/metrics/registry-server.ts';
import type { CallEnded } from '../../../server/paths/quality/ended-call.ts';
import type { Measurement } from '../../../wire/measurement.ts';

const PLACES = {
  siteOf: new Map([
    ['fra-1', 'fra'],
    ['ams-1', 'ams'],
  ]),
  providerOf: new Map([['a', 'provider-a']]),
  peerOf: (_pbx: string, target: string) => (target === 'peer.ams-1' ? 'ams-1' : undefined),
};

function media(lost: number, more: { codec?: string; trunk?: string } = {}): Measurement {
  const shape = { kind: 'rtp-call', trunk: 'a', leg: 1, direction: 'sent', observedAtMs: 0, intervalMs: 5000 } as const;
  return { ...shape, expected: 250, lost, isFinal: false, source: 'rtcp', ...more };
}

function fresh() {
  const metrics = new HubMetrics();
  const quality = new QualityMetrics(metrics, PLACES);
  const lines = async (name: string) =>
    (await metrics.expose()).text.split('\n').filter((line) => line.startsWith(`trunkward_${name}`));
  return { metrics, quality, lines };
}

describe('the quality metrics of the hub', () => {
  it('count packets of calls by trunk and direction; duplicates are set against later losses, never lost', async () => {
    const { quality, lines } = fresh();
    for (const lost of [10, -4, 3, 6]) quality.measured('fra-1', media(lost));
    expect(await lines('trunk_call_packets')).toEqual([
      'trunkward_trunk_call_packets_expected_total{trunk="a",direction="forward"} 1000',
      'trunkward_trunk_call_packets_lost_total{trunk="a",direction="forward"} 15',
    ]);
  });

  it('give one MOS for each interval, of narrow-band codecs with published values only', async () => {
    const { quality, lines } = fresh();
    for (const codec of ['ulaw', 'ulaw', 'opus', 'g722', 'amr-wb']) quality.measured('fra-1', media(0, { codec }));
    const found = await lines('trunk_call_mos_nb');
    expect(found).toContain('trunkward_trunk_call_mos_nb_count{trunk="a",direction="forward"} 2');
    expect(found).toContain('trunkward_trunk_call_mos_nb_bucket{le="4.34",trunk="a",direction="forward"} 0');
  });

  it('take no series for a trunk or a peer that the configuration does not name', async () => {
    const { quality, lines } = fresh();
    quality.measured('fra-1', media(0, { trunk: 'z' }));
    expect(await lines('trunk_call')).toEqual([]);
  });

  it('count mesh packets by pair of sites, and test calls and calls by what became of them', async () => {
    const { quality, lines } = fresh();
    const figures = { expected: 500, received: 480, lost: 20, duplicates: 0, reordered: 0, jitterMs: 1 };
    const session = { session: 'session-0001', sequence: 0, startedAtMs: 0, intervalMs: 10_000 };
    const stream = { ...session, direction: 'reverse', packetMs: 20, payloadBytes: 160 } as const;
    const mesh = (target: string): Measurement => ({
      ...stream,
      kind: 'rtp-mesh',
      target,
      figures: { ...figures, lossRuns: [0, 0, 0, 0, 0, 0, 0, 0] },
    });
    quality.measured('fra-1', mesh('peer.ams-1'));
    quality.measured('fra-1', mesh('peer.nowhere'));
    const call = { kind: 'test-call', target: 'a.a1', trunk: 'a', edge: 'a1', startedAtMs: 0, talkMs: 0 } as const;
    quality.measured('fra-1', { ...call, outcome: 'timed-out', endedBy: 'cancel', far: 'echo', inviteCopies: 3 });
    const answered = { ...call, outcome: 'answered', endedBy: 'bye', far: 'tone' } as const;
    quality.measured('fra-1', { ...answered, mediaFault: 'no-audio', byeCopies: 1 });
    const received = { ...figures, duplicates: 2, lossRuns: [0, 0, 0, 0, 0, 0, 0, 0] };
    const forward = (lost: number) => ({ expected: 100, lost });
    quality.measured('fra-1', { ...answered, received, receivedCovers: 'reverse', forward: forward(-2) });
    quality.measured('fra-1', {
      ...answered,
      received: { ...received, received: 0 },
      receivedCovers: 'reverse',
      forward: forward(5),
    });
    const times = { startedAtEpochMs: 0, endedAtEpochMs: 9000 };
    const ended: CallEnded = { kind: 'call-ended', linkedId: '1', uniqueId: '1', trunk: 'a', ...times };
    quality.called({ ...ended, answeredAtEpochMs: 1000, causeCode: 16 });
    quality.called({ ...ended, statusCode: 503, causeCode: 34 });
    quality.called({ ...ended, causeCode: 26 });
    quality.called({ ...ended, statusCode: 404, causeCode: 1 });
    quality.called({ ...ended, statusCode: 486, causeCode: 17 });
    quality.called({ ...ended, trunk: 'z' });
    expect(await lines('site_mesh')).toEqual([
      'trunkward_site_mesh_packets_expected_total{site="fra",peer_site="ams",direction="reverse"} 500',
      'trunkward_site_mesh_packets_lost_total{site="fra",peer_site="ams",direction="reverse"} 20',
    ]);
    expect(await lines('trunk_test_call')).toEqual([
      'trunkward_trunk_test_calls_ended_total{trunk="a",outcome="timed-out"} 1',
      'trunkward_trunk_test_calls_ended_total{trunk="a",outcome="answered"} 3',
      'trunkward_trunk_test_calls_mute_total{trunk="a",reason="no-audio"} 1',
      'trunkward_trunk_test_calls_mute_total{trunk="a",reason="silent"} 1',
      'trunkward_trunk_test_call_copies_total{trunk="a",type="invite"} 3',
      'trunkward_trunk_test_call_copies_total{trunk="a",type="bye"} 1',
      'trunkward_trunk_test_call_packets_expected_total{trunk="a",direction="reverse"} 1000',
      'trunkward_trunk_test_call_packets_expected_total{trunk="a",direction="forward"} 200',
      'trunkward_trunk_test_call_packets_lost_total{trunk="a",direction="reverse"} 40',
      'trunkward_trunk_test_call_packets_lost_total{trunk="a",direction="forward"} 3',
      'trunkward_trunk_test_call_packets_duplicate_total{trunk="a",direction="reverse"} 4',
    ]);
    expect(await lines('trunk_calls_ended')).toEqual(
      ['answered', 'ineffective', 'elsewhere', 'rejected', 'not-answered'].map(
        (outcome) => `trunkward_trunk_calls_ended_total{trunk="a",outcome="${outcome}"} 1`,
      ),
    );
  });

  it('say when the first certificate of a trunk ends, and how many PBXs are registered; unknown is no series', async () => {
    const { metrics, lines } = fresh();
    const ends = [
      { trunk: 'a', validUntilEpochMs: 90_000 },
      { trunk: 'a', validUntilEpochMs: 40_000 },
    ];
    const states = [
      { trunk: 'a', registeredPbxes: 0 },
      { trunk: 'b', registeredPbxes: undefined },
    ];
    observeTrunks(metrics, states, ends, 10_000);
    expect(await lines('trunk_certificate')).toEqual(['trunkward_trunk_certificate_remaining_seconds{trunk="a"} 30']);
    expect(await lines('trunk_registered')).toEqual(['trunkward_trunk_registered_pbxes{trunk="a"} 0']);
    observeTrunks(metrics, [], [], 10_000);
    expect(await lines('trunk_registered')).toEqual([]);
  });
});
