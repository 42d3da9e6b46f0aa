import type { QualifyMeasurement, RegistrationMeasurement } from '../../wire/call-measurement.ts';
import type { InviteMeasurement } from '../../wire/measurement.ts';
import type { RtpCallBlindMeasurement, RtpCallMeasurement } from '../../wire/rtp-measurement.ts';
import type { CallEnded } from '../asterisk/calls/call-ended.ts';
import type { ProbeMetrics } from './metrics-server.ts';

/** Counts what real calls met into the probe's own metrics. */
export class CallBook {
  readonly #metrics: ProbeMetrics;

  constructor(metrics: ProbeMetrics) {
    this.#metrics = metrics;
  }

  /** One interval of a call's media, or that there is none. */
  takeMedia(measurement: RtpCallMeasurement | RtpCallBlindMeasurement): void {
    const { trunk } = measurement;
    if (measurement.kind === 'rtp-call-blind') {
      this.#metrics.count('callsBlind', { trunk, reason: measurement.because });
      return;
    }
    const { direction, expected, isSilentReceiver, jitterMs, lost, rttMs } = measurement;
    this.#metrics.count('callPacketsExpected', { trunk, direction }, expected);
    this.#metrics.count('callPacketsLost', { trunk, direction }, Math.max(0, lost));
    if (jitterMs !== undefined) this.#metrics.observe('callJitter', jitterMs / 1000, { trunk, direction });
    if (rttMs !== undefined) this.#metrics.observe('callRtt', rttMs / 1000, { trunk });
    if (isSilentReceiver) this.#metrics.count('callSilentReceivers', { trunk });
  }

  /** What an INVITE met. */
  takeInvite({ failure, outcome, trunk }: InviteMeasurement): void {
    this.#metrics.count('invites', { trunk, outcome });
    if (failure !== undefined) this.#metrics.count('callFailures', { trunk, reason: failure });
  }

  /** A provider leg has ended. */
  takeEnd({ answeredAtEpochMs, missedEvents, pddMs, trunk }: CallEnded): void {
    const unanswered = missedEvents ? 'unknown' : 'unanswered';
    this.#metrics.count('callsEnded', { trunk, outcome: answeredAtEpochMs === undefined ? unanswered : 'answered' });
    if (pddMs !== undefined) this.#metrics.observe('pdd', pddMs / 1000, { trunk });
  }

  /** What the PBX's own signalling says. */
  takeSignalling(measurement: QualifyMeasurement | RegistrationMeasurement): void {
    const { trunk } = measurement;
    if (measurement.kind === 'registration') {
      this.#metrics.set('registered', measurement.state === 'registered' ? 1 : 0, { trunk });
    } else if (measurement.rttMs !== undefined) {
      this.#metrics.observe('qualifyRtt', measurement.rttMs / 1000, { trunk });
    }
  }
}
