import type { Figure } from '../../../wire/figures.ts';
import type { InterfaceMeasurement } from '../../../wire/host-measurement.ts';
import type { ClockReading } from '../../../wire/measurement.ts';
import { MinuteSums } from './minute-sums.ts';

/** Interfaces of one host that are followed; further ones are passed over. */
const MAX_INTERFACES = 16;

type Lane = 'intervals' | 'received' | 'receivedBad' | 'sent' | 'sentBad';

/** What the host of a probe says of itself: its interfaces and its clock. Mutable; owned by the quality table. */
export class HostQuality {
  readonly #interfaces = new Map<string, MinuteSums<Lane>>();
  #clock: { readonly atMs: number; readonly reading: ClockReading } | undefined;

  /** Counters of an interface over one interval. */
  addInterface(seen: InterfaceMeasurement, atMs: number): void {
    if (this.#interfaces.size >= MAX_INTERFACES && !this.#interfaces.has(seen.name)) return;
    const sums = this.#interfaces.get(seen.name) ?? new MinuteSums<Lane>();
    this.#interfaces.set(seen.name, sums);
    sums.add(atMs, {
      intervals: 1,
      received: seen.receivedPackets,
      receivedBad: seen.receivedDropped + seen.receivedErrors,
      sent: seen.sentPackets,
      sentBad: seen.sentDropped + seen.sentErrors,
    });
  }

  /** The host's clock as read now. */
  addClock(reading: ClockReading, atMs: number): void {
    this.#clock = { atMs, reading };
  }

  /** What is known now; an interface that told nothing in the window is not there. */
  figures(windowMs: number, nowMs: number): readonly Figure[] {
    return [
      ...[...this.#interfaces].flatMap(([name, sums]) => dropFigures(name, sums, { windowMs, nowMs })),
      ...(this.#clock ? [clockFigure(this.#clock.reading, this.#clock.atMs)] : []),
    ];
  }
}

function dropFigures(
  name: string,
  sums: MinuteSums<Lane>,
  { nowMs, windowMs }: { readonly windowMs: number; readonly nowMs: number },
): readonly Figure[] {
  const sinceMs = nowMs - windowMs;
  if (sums.sum('intervals', sinceMs) === 0) return [];
  const figure = (direction: 'forward' | 'reverse', bad: Lane, all: Lane): Figure => ({
    kind: 'interface-drops',
    direction,
    value: sums.sum(bad, sinceMs),
    unit: 'count',
    n: sums.sum(all, sinceMs),
    sample: 'packet that the interface counted',
    windowMs,
    newestAtEpochMs: sums.newestAtMs,
    source: 'packets dropped and in error by the counters of the host (/proc/net/dev)',
    notes: [
      `interface ${name}`,
      'a count, not a share: some drivers count dropped packets among the received, some do not',
    ],
  });
  return [figure('forward', 'sentBad', 'sent'), figure('reverse', 'receivedBad', 'received')];
}

function clockFigure({ errorMs, isSynchronised, offsetMs, source }: ClockReading, atMs: number): Figure {
  return {
    kind: 'clock-offset',
    direction: 'none',
    value: offsetMs,
    unit: 'milliseconds',
    ...(isSynchronised && { low: offsetMs - errorMs, high: offsetMs + errorMs }),
    n: 1,
    sample: 'reading of the clock',
    windowMs: 0,
    newestAtEpochMs: atMs,
    source: `the host's clock less true time, by ${source === 'chrony' ? 'chrony' : 'the kernel'}`,
    notes: isSynchronised
      ? ['the interval is the bound that the time daemon states, not one of samples']
      : ['nothing disciplines this clock: its error has no bound'],
  };
}
