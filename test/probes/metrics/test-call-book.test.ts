import { expect, test } from 'vitest';
import { ProbeMetrics } from '../../../probes/metrics/metrics-server.ts';
import { TestCallBook } from '../../../probes/metrics/test-call-book.ts';
import type { TestCallMeasurement } from '../../../wire/rtp-measurement.ts';

const CALL: TestCallMeasurement = {
  kind: 'test-call',
  target: 'a.a1',
  trunk: 'a',
  edge: 'a1',
  startedAtMs: 0,
  outcome: 'answered',
  talkMs: 10_000,
  endedBy: 'bye',
  far: 'echo',
};

test('calls add up by trunk: packets, copies of packets and of requests, and answers that could not be met', async () => {
  const metrics = new ProbeMetrics();
  const book = new TestCallBook(metrics);
  const stream = { received: 480, reordered: 0, lossRuns: [20, 0, 0, 0, 0, 0, 0, 0], jitterMs: 1 };
  const received = { ...stream, expected: 500, lost: 20, duplicates: 3 };
  book.take({ ...CALL, received, receivedCovers: 'round-trip', inviteCopies: 2, byeCopies: 0 });
  book.take({ ...CALL, received, receivedCovers: 'round-trip', byeCopies: 1 });
  book.take({ ...CALL, mediaFault: 'no-common-codec' });
  const { text } = await metrics.expose();
  const lines = text.split('\n').filter((line) => line.startsWith('trunkward_test_call') && line.includes('trunk='));
  expect(lines).toEqual([
    'trunkward_test_calls_total{trunk="a",outcome="answered"} 3',
    'trunkward_test_call_packets_expected_total{trunk="a",direction="round-trip"} 1000',
    'trunkward_test_call_packets_lost_total{trunk="a",direction="round-trip"} 40',
    'trunkward_test_call_packets_duplicate_total{trunk="a",direction="round-trip"} 6',
    'trunkward_test_call_media_faults_total{trunk="a",reason="no-common-codec"} 1',
    'trunkward_test_call_copies_total{trunk="a",type="invite"} 2',
    'trunkward_test_call_copies_total{trunk="a",type="bye"} 1',
  ]);
});
