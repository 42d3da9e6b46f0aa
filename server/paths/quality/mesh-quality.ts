import type { Figure, NoData } from '../../../wire/figures.ts';
import type { MeshIdleMeasurement, MeshMeasurement, StreamFigures } from '../../../wire/rtp-measurement.ts';
import { RttWindow } from '../rtt-quantiles.ts';
import { delayFigures } from './figures/delay-figures.ts';
import { burstRatio, jitterFigure, lossFigure, type MediaSubject } from './figures/loss-figures.ts';
import { mosFigure } from './figures/mos-figure.ts';
import { IDLE_CLAUSES } from './figures/no-data.ts';
import { orderFigures } from './figures/order-figures.ts';
import { type MediaInterval, type MediaPool, MediaWindow } from './media-window.ts';
import { MinuteSums } from './minute-sums.ts';

const WAYS = ['forward', 'reverse'] as const;
type Way = (typeof WAYS)[number];

/** What the mesh stream of one path met, and why it met nothing. Mutable; owned by the path's quality. Hub time. */
export class MeshQuality {
  readonly #media = { forward: new MediaWindow(), reverse: new MediaWindow() };
  readonly #order = new MinuteSums<`${Way} ${'received' | 'reordered' | 'duplicates'}`>();
  readonly #rtt = new RttWindow();
  readonly #last = new Map<Way, { readonly atMs: number; readonly report: MeshMeasurement }>();
  #idle: { readonly atMs: number; readonly because: MeshIdleMeasurement['because'] } | undefined;

  /** A report of a stream. */
  add(report: MeshMeasurement, atMs: number): void {
    const { direction, figures, rtt } = report;
    this.#last.set(direction, { atMs, report });
    this.#media[direction].add(atMs, streamInterval(figures, rtt?.p50Ms));
    this.#order.add(atMs, {
      [`${direction} received`]: figures.received,
      [`${direction} reordered`]: figures.reordered,
      [`${direction} duplicates`]: figures.duplicates,
    });
    if (rtt) this.#rtt.add(atMs, rtt.p50Ms);
  }

  /** The stream told why it has no figures. */
  addIdle({ because }: MeshIdleMeasurement, atMs: number): void {
    this.#idle = { atMs, because };
  }

  /** Packets in one direction since `sinceMs`; undefined where none were reported. */
  counts(direction: Way, sinceMs: number): MediaPool | undefined {
    return this.#media[direction].pool(sinceMs);
  }

  /** Directions without a report newer than the last word that there is none; nothing once that word is older than the window. */
  noData(windowMs: number, nowMs: number): readonly NoData[] {
    const idle = this.#idle;
    if (!idle || nowMs - idle.atMs > windowMs) return [];
    const missing = WAYS.filter((way) => (this.#last.get(way)?.atMs ?? Number.NEGATIVE_INFINITY) < idle.atMs);
    const [only] = missing;
    if (only === undefined) return [];
    const direction = missing.length > 1 ? 'round-trip' : only;
    return [{ what: 'mesh', direction, because: IDLE_CLAUSES[idle.because], newestAtEpochMs: idle.atMs }];
  }

  /**
   * What is known now; nothing that was not measured.
   *
   * @param notes - what is said beside every figure of packets.
   */
  figures(windowMs: number, nowMs: number, notes: readonly string[]): readonly Figure[] {
    const sinceMs = nowMs - windowMs;
    const packetMs = (this.#last.get('reverse') ?? this.#last.get('forward'))?.report.packetMs ?? 20;
    const rtt = this.#rtt.estimate(windowMs, nowMs);
    const source = `own RTP stream between the two probes, one packet each ${packetMs} ms while it runs, counted packet by packet`;
    const found = WAYS.flatMap((direction) => {
      const pool = this.#media[direction].pool(sinceMs);
      if (!pool) return [];
      const subject = (kind: MediaSubject['kind']) => ({ kind, direction, source, notes, windowMs });
      const ground = { codec: 'ulaw', rttMs: rtt?.p50Ms, burstRatio: burstRatio(pool) };
      const sum = (name: 'received' | 'reordered' | 'duplicates') => this.#order.sum(`${direction} ${name}`, sinceMs);
      const counts = { received: sum('received'), reordered: sum('reordered'), duplicates: sum('duplicates') };
      return [
        lossFigure(pool, subject('mesh-loss')),
        jitterFigure(pool, subject('mesh-jitter')),
        ...orderFigures(counts, { ...subject('mesh-reordered'), newestAtMs: pool.newestAtMs }),
        mosFigure(pool, subject('mos-nb'), ground),
      ].flatMap((figure) => figure ?? []);
    });
    const delays = [...this.#last.values()].flatMap(({ report }) => {
      const newestAtMs = this.#media[report.direction].pool(sinceMs)?.newestAtMs;
      return newestAtMs === undefined ? [] : delayFigures(report, newestAtMs);
    });
    if (!rtt) return [...found, ...delays];
    const newestAtEpochMs = this.#media.reverse.pool(sinceMs)?.newestAtMs ?? nowMs;
    const rttNotes = ["without the reflector's holding time", `95 of 100 reports under ${rtt.p95Ms.toFixed(1)} ms`];
    const shape = {
      kind: 'mesh-rtt',
      direction: 'round-trip',
      unit: 'milliseconds',
      sample: 'report of a stream',
    } as const;
    return [
      ...found,
      { ...shape, value: rtt.p50Ms, n: rtt.n, windowMs: rtt.windowMs, newestAtEpochMs, source, notes: rttNotes },
      ...delays,
    ];
  }
}

/** One report of a stream as an interval of media. */
export function streamInterval(
  { expected, jitterMs, lossRuns, lost }: StreamFigures,
  rttMs: number | undefined,
): MediaInterval {
  return { expected, lost, lossRuns: lossRuns.reduce((sum, runs) => sum + runs, 0), jitterMs, rttMs };
}
