import { expect, it } from 'vitest';
import { MeasureBook } from '../../../probes/metrics/measure-book.ts';
import { ProbeMetrics } from '../../../probes/metrics/metrics-server.ts';

const READING = {
  eventLoopDelayP99Ms: 12,
  eventLoopDelayMaxMs: 20,
  selfProbeSent: 5,
  selfProbeLost: 5,
  missedSchedules: 0,
  droppedMeasurements: 0,
  intervalMs: 1000,
};

async function selfProbeRtt(metrics: ProbeMetrics): Promise<string | undefined> {
  const { text } = await metrics.expose();
  return /^trunkward_probe_self_probe_rtt_seconds (.*)$/m.exec(text)?.[1];
}

it('an interval in which every self-probe was lost shows no round trip, not the last good one (rule 1)', async () => {
  const metrics = new ProbeMetrics();
  const book = new MeasureBook(metrics);
  book.takeReading({ ...READING, selfProbeRttMs: 2 });
  expect(await selfProbeRtt(metrics)).toBe('0.002');
  book.takeReading(READING);
  expect(await selfProbeRtt(metrics)).toBe('Nan');
  book.takeReading({ ...READING, selfProbeRttMs: 3 });
  expect(await selfProbeRtt(metrics)).toBe('0.003');
});

it('shows the offset of a clock that is disciplined, and of any other only the bound of its error', async () => {
  const metrics = new ProbeMetrics();
  const book = new MeasureBook(metrics);
  const shown = async () => {
    const { text } = await metrics.expose();
    return ['offset', 'error'].map(
      (what) => new RegExp(`^trunkward_probe_clock_${what}_seconds (.*)$`, 'm').exec(text)?.[1],
    );
  };
  const clock = { offsetMs: -2, errorMs: 30, source: 'kernel', isSynchronised: true } as const;
  book.takeReading({ ...READING, clock });
  expect(await shown()).toEqual(['-0.002', '0.03']);
  book.takeReading({ ...READING, clock: { ...clock, offsetMs: 0, errorMs: 16_000, isSynchronised: false } });
  expect(await shown()).toEqual(['Nan', '16']);
  book.takeReading(READING);
  expect(await shown()).toEqual(['Nan', 'Nan']);
});

it('counts each change of the hop limit of a target, and keeps the targets apart', async () => {
  const metrics = new ProbeMetrics();
  const book = new MeasureBook(metrics);
  const echo = (target: string, hopLimit?: number) =>
    book.take({
      kind: 'icmp',
      target,
      sequence: 0,
      schedule: 'liveness',
      sentAtMs: 1,
      outcome: { kind: 'answered', rttMs: 1 },
      ...(hopLimit !== undefined && { hopLimit }),
    });
  for (const hopLimit of [57, 57, undefined, 56, 57]) echo('a.a1', hopLimit);
  echo('b.b1', 60);
  const { text } = await metrics.expose();
  expect(text).toContain('trunkward_icmp_reply_hop_limit{target="a.a1"} 57');
  expect(text).toContain('trunkward_icmp_reply_hop_limit{target="b.b1"} 60');
  expect(text).toContain('trunkward_icmp_reply_hop_limit_changes_total{target="a.a1"} 2');
  expect(text).not.toContain('trunkward_icmp_reply_hop_limit_changes_total{target="b.b1"}');
});
