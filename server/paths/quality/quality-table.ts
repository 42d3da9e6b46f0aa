import type { Figure, FigureSheet } from '../../../wire/figures.ts';
import { settledAtMs } from '../../../wire/measured-at.ts';
import type { Measurement } from '../../../wire/measurement.ts';
import type { EventBody } from '../../../wire/probe-frames.ts';
import type { CallPool } from './call-window.ts';
import { PathQuality, QUALITY_WINDOW_MS } from './path-quality.ts';
import { type CallPlace, TrunkQuality } from './trunk-quality.ts';

/** The `call-ended` body of a durable event. */
export type CallEnded = Extract<EventBody, { kind: 'call-ended' }>;

/** Calls of one PBX at one trunk, by edge and class; without either they are all of the trunk's. */
export type CallRow = CallPlace & { readonly pbx: string; readonly trunk: string; readonly pool: CallPool };

/** Names that the fleet's configuration and the probes' hellos hold. */
export type Known = {
  readonly target: (pbx: string, target: string) => boolean;
  readonly trunk: (trunk: string) => boolean;
  readonly edge: (trunk: string, edge: string) => boolean;
  readonly class: (name: string) => boolean;
};

/** When a batch was sent, by the probe's clock, and when it came, by the hub's. */
export type BatchTimes = { readonly batchSentAtMs: number; readonly nowMs: number };

/**
 * Everything that was measured besides SIP OPTIONS and ICMP, by path and by (PBX, trunk). Deterministic and free of I/O; memory
 * is taken only for what has been measured. Times are hub time.
 */
export class QualityTable {
  readonly #paths = new Map<string, PathQuality>();
  readonly #knows: Known;
  readonly #trunks = new Map<
    string,
    { readonly pbx: string; readonly trunk: string; readonly quality: TrunkQuality }
  >();

  /** @param knows - what each PBX may speak of: anything else takes no memory. */
  constructor(knows: Known) {
    this.#knows = knows;
  }

  /** Takes the measurements of one batch; those of other kinds are passed over. */
  addBatch(pbx: string, measurements: readonly Measurement[], { batchSentAtMs, nowMs }: BatchTimes): void {
    for (const measurement of measurements) {
      const ageMs = Math.max(0, batchSentAtMs - settledAtMs(measurement));
      this.#add(pbx, measurement, nowMs - ageMs);
    }
  }

  /** Counts a call that has ended. Once for each event: the store tells repeats. */
  addCall(pbx: string, body: CallEnded, atMs: number): void {
    const {
      answeredAtEpochMs,
      causeCode,
      class: name,
      edge,
      endedAtEpochMs,
      missedEvents,
      pddMs,
      statusCode,
      trunk,
    } = body;
    if (!this.#knows.trunk(trunk)) return;
    const isAnswered = answeredAtEpochMs !== undefined;
    this.#trunk(pbx, trunk).addCall(
      {
        edge: edge !== undefined && this.#knows.edge(trunk, edge) ? edge : undefined,
        class: name !== undefined && this.#knows.class(name) ? name : undefined,
      },
      {
        isAnswered,
        statusCode,
        causeCode,
        hasRung: pddMs !== undefined,
        missedEvents: missedEvents === true,
        pddMs,
        talkMs: isAnswered ? Math.max(0, endedAtEpochMs - answeredAtEpochMs) : undefined,
      },
      atMs,
    );
  }

  /** Figures of one path besides those of its OPTIONS and ICMP. */
  pathFigures(key: string, nowMs: number): readonly Figure[] {
    return this.#paths.get(key)?.figures(nowMs) ?? [];
  }

  /** What the calls of a PBX met at a trunk; undefined where nothing was ever heard. */
  trunkSheet(pbx: string, trunk: string, nowMs: number): FigureSheet | undefined {
    const found = this.#trunks.get(trunkKey(pbx, trunk));
    if (!found) return undefined;
    const figures = found.quality.figures(QUALITY_WINDOW_MS, nowMs);
    return { key: trunkKey(pbx, trunk), title: `calls of ${pbx} at ${trunk}`, figures };
  }

  /** Calls of every PBX and trunk that ended within `windowMs`, at most an hour. */
  calls(windowMs: number, nowMs: number): readonly CallRow[] {
    return [...this.#trunks.values()].flatMap(({ pbx, quality, trunk }) =>
      quality.calls(windowMs, nowMs).map(({ place, pool }) => ({ pbx, trunk, ...place, pool })),
    );
  }

  #add(pbx: string, measurement: Measurement, atMs: number): void {
    if ('target' in measurement && !this.#knows.target(pbx, measurement.target)) return;
    if ('trunk' in measurement && !this.#knows.trunk(measurement.trunk)) return;
    switch (measurement.kind) {
      case 'rtp-mesh':
        this.#path(pbx, measurement.target).addMesh(measurement, atMs);
        return;
      case 'test-call':
        this.#path(pbx, measurement.target).addTestCall(measurement, atMs);
        return;
      case 'certificate':
        this.#path(pbx, measurement.target).addCertificate(measurement, atMs);
        return;
      case 'line':
        this.#path(pbx, measurement.target).addLine(measurement, atMs);
        return;
      case 'rtp-call':
        this.#trunk(pbx, measurement.trunk).addMedia(measurement, atMs);
        return;
      case 'rtp-call-blind':
        this.#trunk(pbx, measurement.trunk).addBlind(measurement, atMs);
        return;
      case 'qualify':
        this.#trunk(pbx, measurement.trunk).addQualify(measurement, atMs);
        return;
      case 'registration':
        this.#trunk(pbx, measurement.trunk).addRegistration(measurement, atMs);
        return;
      case 'sip-options':
      case 'icmp':
      case 'invite':
      case 'resolution':
      case 'rtp-mesh-idle':
      case 'interface':
        return;
      default:
        measurement satisfies never;
    }
  }

  #path(pbx: string, target: string): PathQuality {
    const key = `${pbx}>${target}`;
    const known = this.#paths.get(key) ?? new PathQuality();
    this.#paths.set(key, known);
    return known;
  }

  #trunk(pbx: string, trunk: string): TrunkQuality {
    const key = trunkKey(pbx, trunk);
    const known = this.#trunks.get(key) ?? { pbx, trunk, quality: new TrunkQuality() };
    this.#trunks.set(key, known);
    return known.quality;
  }
}

function trunkKey(pbx: string, trunk: string): string {
  return `${pbx}>${trunk}`;
}
