/**
 * Where a fault may sit. `path` is one PBX to one target; `line` joins two sites (peer paths both ways); `edge` is one of several
 * addresses of a provider; `host` is all that leaves or reaches one of several PBXs of a site, `probe` only what it measures itself.
 */
export type Place =
  | { readonly kind: 'none' }
  | { readonly kind: 'site'; readonly site: string }
  | { readonly kind: 'provider'; readonly provider: string }
  | { readonly kind: 'edge'; readonly provider: string; readonly trunk: string; readonly edge: string }
  | { readonly kind: 'path'; readonly pbx: string; readonly target: string }
  | { readonly kind: 'line'; readonly sites: readonly [string, string] }
  | { readonly kind: 'host'; readonly pbx: string }
  | { readonly kind: 'probe'; readonly pbx: string };

/** A place with its posterior probability, 0 to 1. */
export type WeighedPlace = { readonly place: Place; readonly posterior: number };

/**
 * How sure a verdict is: `named` at a posterior of at least 0.95; `ambiguous` when places that no probe can tell apart
 * reach it together; `suspect` below.
 */
export type Certainty = 'named' | 'ambiguous' | 'suspect';

/** Counts of one path as they went into a verdict. */
export type PathCount = {
  readonly pathKey: string;
  readonly sent: number;
  readonly lost: number;
  readonly lowRatio: number;
  readonly highRatio: number;
};

/** Packets one way, with the interval of their loss, wider where losses come in bursts. */
export type DirectedCount = {
  readonly sent: number;
  readonly lost: number;
  readonly lowRatio: number;
  readonly highRatio: number;
};

/**
 * Which way packets are lost, as seen from the place: those that go `towards` it or come `from` it; for a path, towards its
 * target, and for a line towards the second of its sites. Told by one-way counts alone (RTP mesh, RTCP of calls).
 */
export type DirectionEvidence = {
  readonly direction: 'towards' | 'from' | 'both' | 'unknown';
  readonly towards?: DirectedCount;
  readonly from?: DirectedCount;
};

/** What the hub says of a trouble: where, how sure, since when, on what evidence. Times are hub time in milliseconds. */
export type Verdict = {
  /** Stable while the incident lasts. */
  readonly verdictId: string;
  readonly symptom: 'loss' | 'probe-blocked' | 'unmeasurable';
  readonly certainty: Certainty;
  /** The one place named, or the likeliest. */
  readonly place: Place;
  /** For `ambiguous`: all places that share the evidence; else just `place`. */
  readonly group: readonly Place[];
  readonly posterior: number;
  readonly runnerUp: WeighedPlace | undefined;
  readonly direction: DirectionEvidence['direction'];
  /** The counts that tell it; absent where nothing is counted one way. */
  readonly directionEvidence?: Pick<DirectionEvidence, 'towards' | 'from'>;
  /** PBXs (of different sites where `siteCount` says so) that saw it. */
  readonly witnesses: readonly string[];
  readonly siteCount: number;
  readonly windowMs: number;
  readonly lossInsideRatio: number;
  readonly lossOutsideRatio: number;
  readonly evidence: readonly PathCount[];
  /** Which further probe would split an ambiguity group, when one would. */
  readonly wouldSplit: string | undefined;
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  readonly clearedAtMs: number | undefined;
  /** One plain sentence with its numbers. */
  readonly sentence: string;
};
