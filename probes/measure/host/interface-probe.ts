import { readFile } from 'node:fs/promises';
import { setInterval as ticks } from 'node:timers/promises';
import type { InterfaceMeasurement } from '../../../wire/host-measurement.ts';
import { type InterfaceReading, interfaceDeltas } from './interface-deltas.ts';
import { parseNetDev } from './net-dev.ts';

/** What watching the interfaces needs from the outside. None of the callbacks may throw. */
export type InterfaceDeps = {
  /** `/proc/net/dev`. */
  readonly file: string;
  /** 10,000 ms in practice. */
  readonly everyMs: number;
  readonly clock: { readonly nowMs: () => number };
  readonly onMeasurements: (measurements: readonly InterfaceMeasurement[]) => void;
  /** The counters cannot be read; said once until they can. */
  readonly onUnreadable: (text: string) => void;
  readonly signal: AbortSignal;
};

/**
 * Reads the counters of the host's interfaces and gives what changed, interval by interval. One that could not be read leaves
 * no gap in the sums: the next delta spans it.
 *
 * @returns resolves once the signal is aborted.
 */
export async function watchInterfaces(deps: InterfaceDeps): Promise<void> {
  const { clock, everyMs, file, onMeasurements, onUnreadable, signal } = deps;
  let before: InterfaceReading | undefined;
  let said: string | undefined;
  const read = async (): Promise<void> => {
    const found = await readInterfaces(file, clock);
    if (typeof found === 'string') {
      if (said !== found) onUnreadable(found);
      said = found;
      return;
    }
    said = undefined;
    const deltas = before ? interfaceDeltas(before, found) : [];
    before = found;
    if (deltas.length > 0) onMeasurements(deltas);
  };
  await read();
  try {
    for await (const _ of ticks(everyMs, undefined, { signal })) await read();
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
}

/** @returns the reading, or one sentence that says why there is none. */
async function readInterfaces(file: string, clock: InterfaceDeps['clock']): Promise<InterfaceReading | string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    return cause instanceof Error ? `${file} cannot be read: ${cause.message}` : `${file} cannot be read`;
  }
  const atMs = clock.nowMs();
  const parsed = parseNetDev(text);
  return parsed.ok ? { atMs, interfaces: parsed.interfaces } : `${file}: ${parsed.fault} in line ${parsed.line}`;
}
