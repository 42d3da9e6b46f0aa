import type { InterfaceMeasurement } from '../../../wire/host-measurement.ts';

/** Counters of one interface since it came up. */
export type InterfaceCounters = Pick<
  InterfaceMeasurement,
  | 'receivedBytes'
  | 'receivedPackets'
  | 'receivedErrors'
  | 'receivedDropped'
  | 'sentBytes'
  | 'sentPackets'
  | 'sentErrors'
  | 'sentDropped'
>;

/** Interfaces by name, or the line that cannot be right (from 1). */
export type NetDevResult =
  | { readonly ok: true; readonly interfaces: ReadonlyMap<string, InterfaceCounters> }
  | { readonly ok: false; readonly fault: 'no-table' | 'bad-line'; readonly line: number };

const HEAD_LINES = 2;
const COLUMNS = 16;
const FIELDS: readonly (readonly [keyof InterfaceCounters, number])[] = [
  ['receivedBytes', 0],
  ['receivedPackets', 1],
  ['receivedErrors', 2],
  ['receivedDropped', 3],
  ['sentBytes', 8],
  ['sentPackets', 9],
  ['sentErrors', 10],
  ['sentDropped', 11],
];

/**
 * Reads `/proc/net/dev`:
 *
 *     two lines of headings, then per interface    NAME: 16 decimal numbers between blanks
 *      0 bytes   1 packets   2 errs   3 drop   4 fifo   5 frame   6 compressed    7 multicast    received
 *      8 bytes   9 packets  10 errs  11 drop  12 fifo  13 colls  14 carrier      15 compressed   sent
 *
 * The numbers are unsigned and of 64 bits. Of an interface with one above 2^53 - 1 nothing exact can be said; it is left out.
 *
 * @see proc_pid_net(5), "/proc/net/dev"; Linux net/core/net-procfs.c `dev_seq_printf_stats`.
 */
export function parseNetDev(text: string): NetDevResult {
  const lines = text.split('\n');
  if (!/^Inter-\|\s*Receive/.test(lines[0] ?? '') || !/^\s*face\s*\|bytes/.test(lines[1] ?? '')) {
    return { ok: false, fault: 'no-table', line: 1 };
  }
  const interfaces = new Map<string, InterfaceCounters>();
  for (const [at, line] of lines.entries()) {
    if (at < HEAD_LINES || line === '') continue;
    const [, name, rest = ''] = /^\s*(\S+):\s*([0-9 ]+)$/.exec(line) ?? [];
    const words = rest.trim().split(/ +/);
    if (name === undefined || words.length !== COLUMNS) return { ok: false, fault: 'bad-line', line: at + 1 };
    const numbers = words.map(Number);
    if (!numbers.every(Number.isSafeInteger)) continue;
    const counters = FIELDS.map(([field, column]) => [field, numbers[column] ?? 0]);
    interfaces.set(name, Object.fromEntries(counters) as InterfaceCounters);
  }
  return { ok: true, interfaces };
}
