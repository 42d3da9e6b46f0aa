import { describe, expect, it } from 'vitest';
import { CallBook } from '../../../probes/metrics/call-book.ts';
import { ProbeMetrics } from '../../../probes/metrics/metrics-server.ts';

async function exposed(work: (book: CallBook) => void): Promise<readonly string[]> {
  const metrics = new ProbeMetrics();
  work(new CallBook(metrics));
  const { text } = await metrics.expose();
  return text.split('\n').filter((line) => line.startsWith('trunkward_') && line.includes('trunk='));
}

const MEDIA = {
  kind: 'rtp-call',
  trunk: 'a',
  leg: 0,
  direction: 'received',
  observedAtMs: 0,
  intervalMs: 5000,
  expected: 250,
  lost: 25,
  isFinal: false,
  source: 'rtcp',
} as const;

describe('what real calls met, in the metrics', () => {
  it('concurrent calls add up: nothing overwrites anything', async () => {
    const lines = await exposed((book) => {
      book.takeMedia({ ...MEDIA, jitterMs: 2, rttMs: 20 });
      book.takeMedia({ ...MEDIA, leg: 1, lost: 5 });
    });
    expect(lines).toContain('trunkward_call_rtp_packets_expected_total{trunk="a",direction="received"} 500');
    expect(lines).toContain('trunkward_call_rtp_packets_lost_total{trunk="a",direction="received"} 30');
    expect(lines).toContain('trunkward_call_rtp_jitter_seconds_count{trunk="a",direction="received"} 1');
    expect(lines).toContain('trunkward_call_rtp_rtt_seconds_sum{trunk="a"} 0.02');
  });

  it('an interval with more duplicates than losses takes nothing off the counter', async () => {
    const lines = await exposed((book) => book.takeMedia({ ...MEDIA, lost: -3 }));
    expect(lines).toContain('trunkward_call_rtp_packets_lost_total{trunk="a",direction="received"} 0');
  });

  it('counts calls without figures, failures by kind, ends, and the state of a registration', async () => {
    const lines = await exposed((book) => {
      book.takeMedia({ kind: 'rtp-call-blind', trunk: 'a', leg: 0, observedAtMs: 0, because: 'direct-media' });
      book.takeInvite({ kind: 'invite', trunk: 'a', observedAtMs: 0, outcome: 'unanswered', failure: 'timeout' });
      const ended = { linkedId: '1.1', uniqueId: '1.2', trunk: 'a', startedAtEpochMs: 0, endedAtEpochMs: 1 };
      book.takeEnd({ kind: 'call-ended', ...ended, answeredAtEpochMs: 1, pddMs: 1500 });
      book.takeEnd({ kind: 'call-ended', ...ended, missedEvents: true });
      book.takeSignalling({ kind: 'registration', trunk: 'a', observedAtMs: 0, state: 'rejected' });
    });
    expect(lines).toContain('trunkward_calls_without_media_figures_total{trunk="a",reason="direct-media"} 1');
    expect(lines).toContain('trunkward_invite_failures_total{trunk="a",reason="timeout"} 1');
    expect(lines).toContain('trunkward_calls_ended_total{trunk="a",outcome="answered"} 1');
    expect(lines).toContain('trunkward_calls_ended_total{trunk="a",outcome="unknown"} 1');
    expect(lines).toContain('trunkward_call_post_dial_delay_seconds_sum{trunk="a"} 1.5');
    expect(lines).toContain('trunkward_trunk_registered{trunk="a"} 0');
  });
});
