import type { InterfaceMeasurement } from '../../../wire/host-measurement.ts';
import type { InterfaceCounters } from './net-dev.ts';

/** All interfaces as they were read at one time. `atMs` is monotonic. */
export type InterfaceReading = {
  readonly atMs: number;
  readonly interfaces: ReadonlyMap<string, InterfaceCounters>;
};

/** Interfaces of one interval, at most. */
export const MAX_INTERFACES = 8;

const NAME = /^[A-Za-z0-9_.:@-]{1,15}$/;

/**
 * What each interface did between two readings: the busiest eight of those that carried or dropped anything. Loopback is left
 * out, and so is an interface that is new or of which any counter went back (it was set up anew, or wrapped): no figure is
 * made up for it, and the next interval has one again.
 */
export function interfaceDeltas(before: InterfaceReading, now: InterfaceReading): readonly InterfaceMeasurement[] {
  const intervalMs = now.atMs - before.atMs;
  if (intervalMs <= 0) return [];
  const found: InterfaceMeasurement[] = [];
  for (const [name, counters] of now.interfaces) {
    const earlier = before.interfaces.get(name);
    if (name === 'lo' || !NAME.test(name) || !earlier) continue;
    const delta = difference(earlier, counters);
    if (delta && Object.values(delta).some((value) => value > 0)) {
      found.push({ kind: 'interface', name, observedAtMs: now.atMs, intervalMs, ...delta });
    }
  }
  return found.toSorted((one, other) => packets(other) - packets(one)).slice(0, MAX_INTERFACES);
}

function difference(before: InterfaceCounters, now: InterfaceCounters): InterfaceCounters | undefined {
  const fields = Object.keys(now) as (keyof InterfaceCounters)[];
  const deltas = fields.map((field) => [field, now[field] - before[field]] as const);
  return deltas.some(([, value]) => value < 0) ? undefined : (Object.fromEntries(deltas) as InterfaceCounters);
}

function packets({ receivedDropped, receivedPackets, sentDropped, sentPackets }: InterfaceMeasurement): number {
  return receivedPackets + sentPackets + receivedDropped + sentDropped;
}
