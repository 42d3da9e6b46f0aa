import type { InterfaceMeasurement } from '../../wire/host-measurement.ts';
import type { ProbeMetrics } from './metrics-server.ts';

/** Interfaces that get series of their own; a host with containers makes new names all the time. */
const MAX_NAMES = 32;

/** Counts what the host's interfaces did, on `/metrics`. Names beyond the first 32 are counted together as `other`. */
export class InterfaceBook {
  readonly #metrics: ProbeMetrics;
  readonly #names = new Set<string>();

  constructor(metrics: ProbeMetrics) {
    this.#metrics = metrics;
  }

  /** Adds the deltas of one interval. */
  take(delta: InterfaceMeasurement): void {
    if (this.#names.size < MAX_NAMES) this.#names.add(delta.name);
    const name = this.#names.has(delta.name) ? delta.name : 'other';
    const received = { interface: name, direction: 'received' };
    const sent = { interface: name, direction: 'sent' };
    this.#metrics.count('interfaceBytes', received, delta.receivedBytes);
    this.#metrics.count('interfaceBytes', sent, delta.sentBytes);
    this.#metrics.count('interfacePackets', received, delta.receivedPackets);
    this.#metrics.count('interfacePackets', sent, delta.sentPackets);
    this.#metrics.count('interfaceErrors', received, delta.receivedErrors);
    this.#metrics.count('interfaceErrors', sent, delta.sentErrors);
    this.#metrics.count('interfaceDropped', received, delta.receivedDropped);
    this.#metrics.count('interfaceDropped', sent, delta.sentDropped);
  }
}
