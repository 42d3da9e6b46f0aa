import type { TestCallMeasurement } from '../../wire/rtp-measurement.ts';
import type { ProbeMetrics } from './metrics-server.ts';

/** Counts what test calls met into the probe's own metrics. */
export class TestCallBook {
  readonly #metrics: ProbeMetrics;

  constructor(metrics: ProbeMetrics) {
    this.#metrics = metrics;
  }

  /** One test call that is over, or was not placed. */
  take(call: TestCallMeasurement): void {
    const { answerMs, costMicros, forward, mediaFault, outcome, pddMs, received, receivedCovers, trunk } = call;
    this.#metrics.count('testCalls', { trunk, outcome });
    if (pddMs !== undefined) this.#metrics.observe('testCallPdd', pddMs / 1000, { trunk });
    if (answerMs !== undefined) this.#metrics.observe('testCallAnswer', answerMs / 1000, { trunk });
    if (costMicros !== undefined) this.#metrics.count('testCallCost', { trunk }, costMicros);
    if (received && receivedCovers) this.#takePackets(trunk, receivedCovers, received);
    if (forward) this.#takePackets(trunk, 'forward', forward);
    const { byeCopies = 0, inviteCopies = 0 } = call;
    if (received && receivedCovers && received.duplicates > 0) {
      this.#metrics.count('testCallPacketsDuplicate', { trunk, direction: receivedCovers }, received.duplicates);
    }
    if (mediaFault !== undefined) this.#metrics.count('testCallMediaFaults', { trunk, reason: mediaFault });
    if (inviteCopies > 0) this.#metrics.count('testCallCopies', { trunk, type: 'invite' }, inviteCopies);
    if (byeCopies > 0) this.#metrics.count('testCallCopies', { trunk, type: 'bye' }, byeCopies);
  }

  #takePackets(
    trunk: string,
    direction: string,
    { expected, lost }: { readonly expected: number; readonly lost: number },
  ): void {
    this.#metrics.count('testCallPacketsExpected', { trunk, direction }, expected);
    this.#metrics.count('testCallPacketsLost', { trunk, direction }, Math.max(0, lost));
  }
}
