import type { Figure, NoData } from '../../../wire/figures.ts';
import { type LineMeasurement, lineBitsPerSecond } from '../../../wire/host-measurement.ts';

type Seen = { readonly atMs: number; readonly line: LineMeasurement };

/** Why a direction of a line was not measured, as a clause. None of them is a slow line. */
export const LINE_CLAUSES: Readonly<Record<NonNullable<LineMeasurement['because']>, string>> = {
  'live-calls': 'live calls have the line',
  'calls-unknown': 'Asterisk could not be asked whether there are calls',
  'another-transfer': 'another transfer was under way',
  'peer-live-calls': 'live calls have the line at the peer',
  'turned-off': "transfers are turned off in the probe's file",
  'too-soon': "the probe's file allows none so soon after the last with this peer",
  'day-spent': "the bytes that the probe's file allows in a day are spent",
  'no-connection': "nothing answers on the peer's line port: it is closed on the way, or no probe listens",
  'not-accepted': 'the peer ended the connection without a word: it has no such order, or another address for this PBX',
  'not-proved': 'what answered could not prove that it is the peer',
  'broken-off': 'the connection was broken off',
  'no-answer': 'the peer did not answer in time',
  closed: 'the probe was closed',
};

/** What transfers over the line to one peer have shown. Mutable; owned by the path. Times are hub time. */
export class LineQuality {
  readonly #measured = new Map<LineMeasurement['direction'], Seen>();
  readonly #missed = new Map<LineMeasurement['direction'], Seen>();

  /** One direction is over, or was not begun. */
  add(line: LineMeasurement, atMs: number): void {
    const seen = { atMs, line };
    if (line.outcome === 'measured') {
      this.#measured.set(line.direction, seen);
      this.#missed.delete(line.direction);
    } else this.#missed.set(line.direction, seen);
  }

  /** The last transfer of each direction. */
  figures(): readonly Figure[] {
    return [...this.#measured.values()].flatMap(
      (seen) => lineFigure(seen, this.#missed.get(seen.line.direction)) ?? [],
    );
  }

  /** Directions that were tried and never measured. */
  noData(): readonly NoData[] {
    return [...this.#missed].flatMap(([direction, { atMs, line }]) =>
      this.#measured.has(direction)
        ? []
        : [{ what: 'line', direction, because: clauseOf(line), newestAtEpochMs: atMs } as const],
    );
  }
}

function lineFigure({ atMs, line }: Seen, missed: Seen | undefined): Figure | undefined {
  const value = lineBitsPerSecond(line);
  if (value === undefined) return undefined;
  const { bytes, capKbps, direction, durationMs, isLineBound, steadyBytes, steadyMs } = line;
  const isSteady = steadyBytes !== undefined && steadyMs !== undefined && steadyMs > 0;
  const whole = `${(bytes / 1e6).toFixed(1)} MB in ${(durationMs / 1000).toFixed(1)} s in all`;
  const cap = capKbps === undefined ? '' : ` (the files of the probes allow ${capKbps} kbit/s)`;
  const notes = [
    isSteady ? `past slow start; ${whole}` : 'slow start is in it, so a short transfer reads low',
    ...(isLineBound === false ? [`the line took all that was sent and carries at least this${cap}`] : []),
    'no interval: one transfer of one connection, which loss on the way makes slower than the line is',
    ...(missed ? [`not measured again since: ${clauseOf(missed.line)}`] : []),
  ];
  return {
    kind: 'line-rate',
    direction,
    value,
    unit: 'bits-per-second',
    n: isSteady ? steadyBytes : bytes,
    sample: 'byte',
    windowMs: isSteady ? steadyMs : durationMs,
    newestAtEpochMs: atMs,
    source: "one bounded TCP transfer, by the receiver's clock",
    notes,
  };
}

function clauseOf({ because, outcome }: LineMeasurement): string {
  return because === undefined ? outcome : LINE_CLAUSES[because];
}
