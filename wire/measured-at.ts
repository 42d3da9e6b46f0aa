import type { Measurement } from './measurement.ts';

/** When a measurement was over, on the monotonic clock of the probe that took it, milliseconds. */
export function settledAtMs(measurement: Measurement): number {
  switch (measurement.kind) {
    case 'sip-options':
    case 'icmp': {
      const { outcome, sentAtMs } = measurement;
      if (outcome.kind === 'answered') return sentAtMs + outcome.rttMs;
      return outcome.kind === 'timed-out' ? sentAtMs + outcome.waitedMs : sentAtMs;
    }
    case 'rtp-mesh':
      return measurement.startedAtMs + measurement.intervalMs;
    case 'line':
      return measurement.startedAtMs + measurement.durationMs;
    case 'test-call':
      return measurement.startedAtMs + (measurement.answerMs ?? 0) + measurement.talkMs;
    case 'invite':
    case 'certificate':
    case 'resolution':
    case 'rtp-mesh-idle':
    case 'rtp-call':
    case 'rtp-call-blind':
    case 'registration':
    case 'qualify':
    case 'interface':
      return measurement.observedAtMs;
    default:
      return measurement satisfies never;
  }
}

/** One word for what a measurement met, from a closed set per kind: fit for a metric label. */
export function outcomeWord(measurement: Measurement): string {
  switch (measurement.kind) {
    case 'sip-options':
    case 'icmp':
      return measurement.outcome.kind;
    case 'invite':
    case 'resolution':
    case 'line':
    case 'test-call':
      return measurement.outcome;
    case 'certificate':
      return measurement.isAccepted ? 'accepted' : 'refused';
    case 'registration':
      return measurement.state;
    case 'qualify':
      return measurement.status;
    case 'rtp-mesh-idle':
    case 'rtp-call-blind':
      return measurement.because;
    case 'rtp-mesh':
    case 'rtp-call':
      return measurement.direction;
    case 'interface':
      return 'measured';
    default:
      return measurement satisfies never;
  }
}
