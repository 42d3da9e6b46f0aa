import { expect, test } from 'vitest';
import type { MeshTask } from '../../../../probes/measure/rtp/mesh-messages.ts';
import { reportMeasurements } from '../../../../probes/measure/rtp/mesh-report.ts';
import type { SenderReport } from '../../../../probes/measure/rtp/mesh-sender.ts';

const TASK: MeshTask = {
  session: 'session-0001',
  peer: 'peer',
  role: 'sender',
  key: 'k'.repeat(43),
  packetMs: 20,
  payloadBytes: 160,
  onMs: 10_000,
  offMs: 20_000,
  target: 'peer.peer',
  address: '192.0.2.1',
  port: 9465,
};
const figures = {
  expected: 500,
  received: 490,
  lost: 10,
  duplicates: 0,
  reordered: 0,
  lossRuns: [10, 0, 0, 0, 0, 0, 0, 0],
  jitterMs: 1,
};
const REPORT: SenderReport = {
  startedAtMs: 1000,
  intervalMs: 10_000,
  forward: figures,
  reverse: { figures, rtt: { n: 490, p50Ms: 5, p95Ms: 6, p99Ms: 7 } },
  unresolved: 3,
  rttsMs: [],
  latesMs: [],
};

test('numbers what it reports, each direction for itself, and not what it withholds', () => {
  const counts = { forward: 4, reverse: 9 };
  const made = reportMeasurements(TASK, REPORT, counts, true, { forward: 'own-drops' });
  expect(made).toMatchObject([
    { kind: 'rtp-mesh-idle', because: 'own-drops', observedAtMs: 11_000 },
    { kind: 'rtp-mesh', direction: 'reverse', sequence: 9 },
  ]);
  expect(counts).toEqual({ forward: 4, reverse: 10 });
  expect(reportMeasurements(TASK, REPORT, counts, true)).toMatchObject([
    { direction: 'forward', sequence: 4, unresolved: 3 },
    { direction: 'reverse', sequence: 10 },
  ]);
});

test('one reason for both directions is said once', () => {
  const both = { forward: 'late-pacing', reverse: 'late-pacing' } as const;
  expect(reportMeasurements(TASK, REPORT, { forward: 0, reverse: 0 }, true, both)).toMatchObject([
    { kind: 'rtp-mesh-idle', because: 'late-pacing' },
  ]);
});

test('an interval of which no reply told is silence, and loss of neither direction', () => {
  const silent: SenderReport = { startedAtMs: 0, intervalMs: 10_000, unresolved: 500, rttsMs: [], latesMs: [] };
  const because = (hasAnswered: boolean) =>
    reportMeasurements(TASK, silent, { forward: 0, reverse: 0 }, hasAnswered).map(
      (each) => 'because' in each && each.because,
    );
  expect([because(true), because(false)]).toEqual([['reflector-silent'], ['no-reflector']]);
});

test('the key of the session is in no measurement (safety rule 10)', () => {
  const made = reportMeasurements(TASK, REPORT, { forward: 0, reverse: 0 }, true, { reverse: 'own-drops' });
  expect(made).toHaveLength(2);
  expect(JSON.stringify(made)).not.toContain(TASK.key);
});
