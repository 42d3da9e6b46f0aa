import type { Figure, FigureSheet, NoData } from '../../../wire/figures.ts';
import { settledAtMs } from '../../../wire/measured-at.ts';
import type { ClockReading, Measurement } from '../../../wire/measurement.ts';
import { pathKey } from '../path-key.ts';
import type { CallPool } from './call-window.ts';
import { type CallEnded, countedCall } from './ended-call.ts';
import { HostQuality } from './host-quality.ts';
import { PathQuality, QUALITY_WINDOW_MS } from './path-quality.ts';
import type { SpreadCount } from './spread-loss.ts';
import { type CallGround, type CallPlace, TrunkQuality } from './trunk-quality.ts';

/** Stands for all PBXs together where the name of one is asked for; no PBX can be called so. */
export const WHOLE_FLEET = '*';

/** Calls of one PBX (or {@link WHOLE_FLEET}) at one trunk, by edge and class; without either they are all of the trunk's. */
export type CallRow = CallPlace & { readonly pbx: string; readonly trunk: string; readonly pool: CallPool };

/** Names that the fleet's configuration and the probes' hellos hold. */
export type Known = {
  readonly target: (pbx: string, target: string) => boolean;
  readonly trunk: (trunk: string) => boolean;
  readonly edge: (trunk: string, edge: string) => boolean;
  readonly class: (name: string) => boolean;
};

/** When a batch was sent, by the probe's clock, and when it came, by the hub's; and whether its probe is to abstain. */
export type BatchGround = { readonly batchSentAtMs: number; readonly nowMs: number; readonly isSick: boolean };

/** What is known of one trunk over the whole fleet: what a hub's own metrics hold of it. */
export type TrunkState = {
  readonly trunk: string;
  /** PBXs whose registration was last told to stand; undefined where none ever told of one. */
  readonly registeredPbxes: number | undefined;
};

/**
 * Everything that was measured besides SIP OPTIONS and ICMP, by path and by (PBX, trunk). Deterministic and free of I/O; memory
 * is taken only for what has been measured. Times are hub time.
 */
export class QualityTable {
  readonly #paths = new Map<string, PathQuality>();
  readonly #hosts = new Map<string, HostQuality>();
  readonly #knows: Known;
  readonly #trunks = new Map<
    string,
    { readonly pbx: string; readonly trunk: string; readonly quality: TrunkQuality }
  >();

  /** @param knows - what each PBX may speak of: anything else takes no memory. */
  constructor(knows: Known) {
    this.#knows = knows;
  }

  /**
   * Takes one measurement of a batch; kinds of which nothing is kept here are passed over. What a sick probe says of loss is
   * left out as a whole, good intervals with the bad, so that nothing is biased (safety rule 1).
   *
   * @returns false for a measurement of something that is not known: it was passed over too.
   */
  add(pbx: string, measurement: Measurement, { batchSentAtMs, isSick, nowMs }: BatchGround): boolean {
    if (!this.#isKnown(pbx, measurement)) return false;
    if (measurement.kind === 'sip-options' || measurement.kind === 'icmp') return true;
    const atMs = nowMs - Math.max(0, batchSentAtMs - settledAtMs(measurement));
    if (isSick) this.#abstain(pbx, measurement, atMs);
    else this.#keep(pbx, measurement, atMs);
    return true;
  }

  /** Takes what a probe's host says of its clock. */
  addClock(pbx: string, reading: ClockReading, nowMs: number): void {
    this.#host(pbx).addClock(reading, nowMs);
  }

  /**
   * Counts a call that has ended. Once for each event: the store tells repeats.
   *
   * @param ground - hub time of its end, and whether the probe was sick then: the call is no evidence of loss (safety rule 1).
   */
  addCall(pbx: string, body: CallEnded, ground: CallGround): void {
    const { class: name, edge, trunk } = body;
    if (!this.#knows.trunk(trunk)) return;
    const place = {
      edge: edge !== undefined && this.#knows.edge(trunk, edge) ? edge : undefined,
      class: name !== undefined && this.#knows.class(name) ? name : undefined,
    };
    const call = countedCall(body);
    for (const whose of [pbx, WHOLE_FLEET]) this.#trunk(whose, trunk).addCall(place, call, ground);
  }

  /** Figures of one path besides those of its OPTIONS and ICMP. */
  pathFigures(key: string, nowMs: number): readonly Figure[] {
    return this.#paths.get(key)?.figures(nowMs) ?? [];
  }

  /** Figures of one path that are missing, and why. */
  pathNoData(key: string, nowMs: number): readonly NoData[] {
    return this.#paths.get(key)?.noData(nowMs) ?? [];
  }

  /** What is known of the names of a trunk's edges on a PBX; of one edge alone where it is named. */
  names(
    pbx: string,
    trunk: string,
    edge?: string,
  ): { readonly figures: readonly Figure[]; readonly noData: readonly NoData[] } {
    const names = this.#trunks.get(pathKey(pbx, trunk))?.quality.names;
    return { figures: names?.figures(edge) ?? [], noData: names?.noData(edge) ?? [] };
  }

  /** What the calls of a PBX met at a trunk; undefined where nothing was ever heard. */
  trunkSheet(pbx: string, trunk: string, nowMs: number): FigureSheet | undefined {
    const found = this.#trunks.get(pathKey(pbx, trunk));
    if (!found) return undefined;
    const names = this.names(pbx, trunk);
    const figures = [...found.quality.figures(QUALITY_WINDOW_MS, nowMs), ...names.figures];
    const whose = pbx === WHOLE_FLEET ? 'the whole fleet' : pbx;
    return { key: pathKey(pbx, trunk), title: `calls of ${whose} at ${trunk}`, figures, noData: names.noData };
  }

  /** What the host of a PBX says of its interfaces and its clock (key `PBX>host`); undefined where nothing was told. */
  hostSheet(pbx: string, nowMs: number): FigureSheet | undefined {
    const host = this.#hosts.get(pbx);
    if (!host) return undefined;
    return { key: `${pbx}>host`, title: `host of ${pbx}`, figures: host.figures(QUALITY_WINDOW_MS, nowMs) };
  }

  /** Calls of every trunk that ended within `windowMs`, at most an hour: of each PBX, or of the whole fleet together. */
  calls(windowMs: number, nowMs: number, by: 'pbx' | 'trunk' = 'pbx'): readonly CallRow[] {
    return [...this.#trunks.values()].flatMap(({ pbx, quality, trunk }) =>
      (pbx === WHOLE_FLEET) === (by === 'trunk')
        ? quality.calls(windowMs, nowMs).map(({ place, pool }) => ({ pbx, trunk, ...place, pool }))
        : [],
    );
  }

  /**
   * Packets expected and lost since `sinceMs` (hub time, at most an hour back, whole minutes), with what tells bursts: of the
   * mesh stream for a path to a peer (`PBX>TARGET`), of calls for `PBX>TRUNK`. `forward` leaves the PBX.
   *
   * @returns undefined where nothing was reported.
   */
  counts(key: string, direction: 'forward' | 'reverse', sinceMs: number): SpreadCount | undefined {
    const ofPath = this.#paths.get(key)?.counts(direction, sinceMs);
    return ofPath ?? this.#trunks.get(key)?.quality.counts(direction, sinceMs);
  }

  /** Calls at a trunk (`PBX>TRUNK`) and how many it failed: see {@link TrunkQuality.callLosses}. */
  callLosses(key: string, sinceMs: number): ReturnType<TrunkQuality['callLosses']> {
    return this.#trunks.get(key)?.quality.callLosses(sinceMs) ?? [];
  }

  /** MOS of the worse direction of a PBX's calls at a trunk since then: see {@link TrunkQuality.mosSince}. */
  mosSince(pbx: string, trunk: string, sinceMs: number, nowMs: number): ReturnType<TrunkQuality['mosSince']> {
    return this.#trunks.get(pathKey(pbx, trunk))?.quality.mosSince(sinceMs, nowMs);
  }

  /** Every trunk that anything was told of, over the whole fleet. */
  trunkStates(): readonly TrunkState[] {
    const byTrunk = Map.groupBy(this.#trunks.values(), ({ trunk }) => trunk);
    return [...byTrunk].map(([trunk, own]) => {
      const told = own.flatMap(({ quality }) => quality.registration ?? []);
      const registeredPbxes = told.length === 0 ? undefined : told.filter((state) => state === 'registered').length;
      return { trunk, registeredPbxes };
    });
  }

  /** End of validity of the certificate that each path was last shown, by key of the path; epoch milliseconds. */
  certificateEnds(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#paths].flatMap(([key, { certificate }]): [string, number][] =>
        certificate ? [[key, certificate.validUntilEpochMs]] : [],
      ),
    );
  }

  #isKnown(pbx: string, measurement: Measurement): boolean {
    if ('target' in measurement && !this.#knows.target(pbx, measurement.target)) return false;
    if (measurement.kind === 'resolution' && !this.#knows.edge(measurement.trunk, measurement.edge)) return false;
    return !('trunk' in measurement) || this.#knows.trunk(measurement.trunk);
  }

  /** Takes only what needs no sound instrument: states, certificates and counters; the rest is counted as left out. */
  #abstain(pbx: string, measurement: Measurement, atMs: number): void {
    const { kind } = measurement;
    if (kind === 'rtp-mesh' || kind === 'test-call' || kind === 'line') {
      this.#path(pbx, measurement.target).addAbstained(atMs);
    } else if (kind === 'rtp-call' || kind === 'qualify') this.#trunk(pbx, measurement.trunk).addAbstained(atMs);
    else this.#keep(pbx, measurement, atMs);
  }

  #keep(pbx: string, measurement: Measurement, atMs: number): void {
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
        for (const whose of [pbx, WHOLE_FLEET]) this.#trunk(whose, measurement.trunk).addMedia(measurement, atMs);
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
        return;
      case 'rtp-mesh-idle':
        this.#path(pbx, measurement.target).addMeshIdle(measurement, atMs);
        return;
      case 'resolution':
        this.#trunk(pbx, measurement.trunk).names.add(measurement, atMs);
        return;
      case 'interface':
        this.#host(pbx).addInterface(measurement, atMs);
        return;
      default:
        measurement satisfies never;
    }
  }

  #host(pbx: string): HostQuality {
    const known = this.#hosts.get(pbx) ?? new HostQuality();
    this.#hosts.set(pbx, known);
    return known;
  }

  #path(pbx: string, target: string): PathQuality {
    const key = pathKey(pbx, target);
    const known = this.#paths.get(key) ?? new PathQuality();
    this.#paths.set(key, known);
    return known;
  }

  #trunk(pbx: string, trunk: string): TrunkQuality {
    const key = pathKey(pbx, trunk);
    const known = this.#trunks.get(key) ?? { pbx, trunk, quality: new TrunkQuality() };
    this.#trunks.set(key, known);
    return known.quality;
  }
}
