import type { SchemaFault } from '../wire/schema-faults.ts';
import type { ProbeConfig } from './config-schema.ts';
import type { ProbeTarget } from './probe-targets.ts';
import { dayOf, dearestSeconds, priceMicros } from './test-call-budget.ts';
import type { TestCall } from './test-call-schema.ts';

/** What is wrong with the test calls of a configuration: names that dangle, entries that overlap, bounds that allow no call. */
export function testCallFaults({ emergency, testCalls, trunks }: ProbeConfig): readonly SchemaFault[] {
  return testCalls.flatMap((entry, at) => {
    const path = `testCalls[${at}]`;
    const trunk = trunks.find((each) => each.trunk === entry.trunk);
    if (!trunk) return [{ path: `${path}.trunk`, message: `trunk ${entry.trunk} is not among trunks` }];
    const edges = trunk.edges.filter(({ edge }) => edge === (entry.edge ?? edge));
    const faults: SchemaFault[] = [];
    if (edges.length === 0)
      faults.push({ path: `${path}.edge`, message: `${entry.edge} is no edge of ${entry.trunk}` });
    const isRepeated = testCalls.slice(0, at).some((other) => {
      return other.trunk === entry.trunk && (other.edge === undefined || other.edge === (entry.edge ?? other.edge));
    });
    if (isRepeated) faults.push({ path, message: `an entry before this one covers the same edge of ${entry.trunk}` });
    if (emergency.numbers.includes(entry.number)) {
      faults.push({ path: `${path}.number`, message: `${entry.number} is an emergency number` });
    }
    const seconds = dearestSeconds(entry);
    const micros = priceMicros(entry, seconds);
    if (seconds > entry.maxSecondsPerDay) {
      faults.push({ path: `${path}.maxSecondsPerDay`, message: `one call is held at ${seconds} s, above it` });
    }
    if (micros > entry.maxMicrosPerDay) {
      faults.push({ path: `${path}.maxMicrosPerDay`, message: `one call is held at ${micros} micro-units, above it` });
    }
    return [...faults, ...zoneFaults(path, entry)];
  });
}

/** The entry of the file that covers a target; `undefined` for peers, further sources and edges that are not on UDP. */
export function testCallEntry(
  entries: readonly TestCall[],
  { description, transport }: ProbeTarget,
): TestCall | undefined {
  if (transport !== 'udp' || description.kind !== 'trunk' || description.source !== undefined) return undefined;
  const { edge, trunk } = description;
  return entries.find((each) => each.trunk === trunk && (each.edge ?? edge) === edge);
}

function zoneFaults(path: string, { timeZone }: TestCall): readonly SchemaFault[] {
  try {
    dayOf(0, timeZone);
    return [];
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return [{ path: `${path}.timeZone`, message: `${timeZone} is no time zone that this system knows` }];
  }
}
