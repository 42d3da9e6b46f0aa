/**
 * Figures that the hub shows, each with what it stands on. Plain types, read by the page of the same hub. A figure without
 * data is not there: it is never 0 for want of samples (safety rule 2).
 */

/** What a figure is of. */
export type FigureKind =
  | 'sip-loss'
  | 'sip-rtt'
  | 'icmp-loss'
  | 'icmp-rtt'
  | 'mesh-loss'
  | 'mesh-jitter'
  | 'mesh-delay-variation'
  | 'mesh-rtt'
  | 'mesh-one-way-delay'
  | 'mesh-reordered'
  | 'mesh-duplicates'
  | 'name-addresses'
  | 'call-loss'
  | 'call-jitter'
  | 'test-call-answered'
  | 'test-call-media'
  | 'test-call-copies'
  | 'test-call-loss'
  | 'test-call-jitter'
  | 'test-call-reordered'
  | 'test-call-duplicates'
  | 'test-call-pdd'
  | 'qualify-loss'
  | 'mos-nb'
  | 'mos-wb'
  | 'asr'
  | 'ner'
  | 'seer'
  | 'isa'
  | 'pdd'
  | 'acd'
  | 'short-calls'
  | 'line-rate'
  | 'certificate-days'
  | 'registration'
  | 'clock-offset'
  | 'interface-drops'
  | 'asterisk-says';

/** One figure with its ground. */
export type Figure = {
  readonly kind: FigureKind;
  /** `forward` leaves the PBX, `reverse` comes to it. */
  readonly direction: 'forward' | 'reverse' | 'round-trip' | 'none';
  readonly value: number;
  /** Base unit of `value`. */
  readonly unit:
    | 'ratio'
    | 'milliseconds'
    | 'mos'
    | 'seconds'
    | 'days'
    | 'bits-per-second'
    | 'state'
    | 'count'
    | 'score';
  /** 95 % interval, or the bound of the instrument's error; absent where none can be stated, and `notes` says why. */
  readonly low?: number;
  readonly high?: number;
  /** Samples it stands on, and what one sample is. */
  readonly n: number;
  readonly sample: string;
  /** 0 for a single observation. */
  readonly windowMs: number;
  readonly newestAtEpochMs: number;
  /** One sentence: method and source. */
  readonly source: string;
  /** What limits it: codec and source of Ie, delay measured or assumed, loss with or without discards, inherited from whom. */
  readonly notes: readonly string[];
};

/** Why figures that could be there are not: said, and never drawn as good or bad (safety rule 2). */
export type NoData = {
  /** Figures that are missing: of the RTP mesh, of a transfer over the line, or the addresses of an edge configured by name. */
  readonly what: 'mesh' | 'line' | 'name';
  /** As of a {@link Figure}; `round-trip` where both ways are missing. */
  readonly direction: 'forward' | 'reverse' | 'round-trip' | 'none';
  /** A clause that goes on after "no data because". */
  readonly because: string;
  /** When the probe last said so; absent where it follows from what the hub assigned. */
  readonly newestAtEpochMs?: number;
};

/** All figures of one path, or of one trunk as one PBX's calls meet it. */
export type FigureSheet = {
  /** Key of the path (`PBX>TARGET`), `PBX>TRUNK` for what calls met (`*>TRUNK`: those of all PBXs), or `PBX>host`. */
  readonly key: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Absent or empty where nothing is known to be missing. */
  readonly noData?: readonly NoData[];
};
