import { type LineMeasurement, lineBitsPerSecond } from '../wire/host-measurement.ts';
import { toJson } from './hub-entries.ts';
import type { LineResult } from './orders/line-order-runner.ts';
import type { LineOrder } from './orders/line-schedule.ts';
import { LINE_CLAUSES } from './paths/quality/line-quality.ts';
import type { NewJournalEntry } from './store/journal-store.ts';

/** The entry for a transfer that is ordered. */
export function lineOrderEntry(order: LineOrder): NewJournalEntry {
  const why = order.cause === 'suspicion' ? `on suspicion: ${order.why}` : 'its turn';
  const sentence = `a transfer over the line ${headOf(order)} is ordered, ${why}`.slice(0, 1000);
  return { kind: 'line-ordered', actor: 'hub', scope: { pbx: order.from }, sentence, detail: toJson(order) };
}

/** The entry for its result: both directions, or why there is none. */
export function lineResultEntry({ forward, isSent, order, reverse }: LineResult): NewJournalEntry {
  const isMeasured = forward?.outcome === 'measured' && reverse?.outcome === 'measured';
  const nothing = isSent ? notMeasured(forward) : 'not measured: an order could not be sent to its probe';
  const said =
    forward?.outcome === 'measured' ? `${directionText('there', forward)}, ${directionText('back', reverse)}` : nothing;
  return {
    kind: isMeasured ? 'line-measured' : 'line-not-measured',
    actor: 'probe',
    scope: { pbx: order.from },
    sentence: `line ${headOf(order)}: ${said}`.slice(0, 1000),
    detail: toJson({ ...order, forward, reverse }),
  };
}

/** A rate as a person says it: `1.9 Mbit/s`, `512 kbit/s`. */
export function rateText(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e6) return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1e3)} kbit/s`;
}

function directionText(way: string, line: LineMeasurement | undefined): string {
  const rate = line?.outcome === 'measured' ? lineBitsPerSecond(line) : undefined;
  if (line === undefined || rate === undefined) return `${way} ${notMeasured(line)}`;
  const { bytes, durationMs } = line;
  return `${rateText(rate)} ${way} (${(bytes / 1e6).toFixed(1)} MB in ${(durationMs / 1000).toFixed(1)} s)`;
}

function notMeasured(line: LineMeasurement | undefined): string {
  if (line === undefined) return 'not measured: its probes told nothing in time';
  return `not measured: ${line.because === undefined ? line.outcome : LINE_CLAUSES[line.because]}`;
}

function headOf({ from, line, to }: LineOrder): string {
  const [fromSite = '', toSite = ''] = line.split('>');
  return `from ${fromSite} to ${toSite} (${from} to ${to})`;
}
