import type { IncidentCost } from './incident-cost.ts';

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

/**
 * What another kind than OPTIONS counted on the paths of a place and on all others: `icmp` echoes, packets of the RTP `mesh`, packets
 * of calls by their RTCP (`rtcp`), `calls` that the trunk failed.
 */
export type KindEvidence = {
  readonly kind: 'icmp' | 'mesh' | 'rtcp' | 'calls';
  readonly sent: number;
  readonly lost: number;
  readonly sentOutside: number;
  readonly lostOutside: number;
  /** Loss at the place lies clearly above the background of this kind. */
  readonly isLossy: boolean;
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

/** One figure of a path beside its own baseline; `usual` to `high` in `unit`. `now` is the median since the shift began. */
export type PathShift = {
  readonly pathKey: string;
  readonly what: 'options-rtt' | 'icmp-rtt' | 'mesh-rtt' | 'jitter' | 'delay-variation' | 'mos';
  readonly unit: 'milliseconds' | 'mos';
  /** `forward` leaves the PBX of the path. */
  readonly direction: 'round-trip' | 'forward' | 'reverse';
  readonly codec?: string;
  /** Median of the baseline, and its median absolute deviation. */
  readonly usual: number;
  readonly spread: number;
  readonly now: number;
  /** 95 % interval of `now`, by order statistics. */
  readonly low: number;
  readonly high: number;
  /** Samples that `now` rests on; 0 where nothing was out of the ordinary, and `now` is `usual`. */
  readonly n: number;
  readonly isShifted: boolean;
  /** First sample of the shift, hub time. */
  readonly sinceMs?: number;
};

/** What the hub says of a trouble: where, how sure, since when, on what evidence. Times are hub time in milliseconds. */
export type Verdict = {
  /** Stable while the incident lasts. */
  readonly verdictId: string;
  readonly symptom: 'loss' | 'latency' | 'media' | 'probe-blocked' | 'unmeasurable';
  readonly certainty: Certainty;
  /** The one place named, or the likeliest. */
  readonly place: Place;
  /** All places that share the evidence, `place` first; of a `named` one it alone. */
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
  /** For `latency` and `media`: the figures that are off their baselines, and those beside them that are not. */
  readonly shifts?: readonly PathShift[];
  /** What other kinds tell, each with its own counts; a kind that lost nothing anywhere is left out. */
  readonly kinds?: readonly KindEvidence[];
  /** Which further probe would split an ambiguity group, when one would. */
  readonly wouldSplit: string | undefined;
  readonly openedAtMs: number;
  /**
   * When the trouble began: the likeliest time, and the interval that holds it with 95 %, never later than the opening. `sinceMs` is absent where it began
   * before anything remembered, so before `sinceHighMs`; `sinceLowMs` where it may have; all where nothing tells.
   */
  readonly sinceMs?: number;
  readonly sinceLowMs?: number;
  readonly sinceHighMs?: number;
  /** Each time within a day that trouble of this symptom came back to this place after its end, oldest first; the newest 200. */
  readonly reopenedAtMs?: readonly number[];
  /** What it has touched and cost so far; absent from verdicts of a version that did not count it. */
  readonly cost?: IncidentCost;
  /** The verdict that this one, now cleared, has turned out to be a part of. */
  readonly mergedInto?: string;
  readonly updatedAtMs: number;
  readonly clearedAtMs: number | undefined;
  /** One plain sentence with its numbers. */
  readonly sentence: string;
};
