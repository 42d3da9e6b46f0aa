import type { StripedPairs } from './striped-pairs.ts';

/**
 * Where a path leads: an edge of a trunk, or a peer PBX. `host` is one address of an edge that is configured by name; a path
 * with `source` leaves from another address than calls do, so it bears on verdicts and on no route.
 */
export type PathEnd =
  | {
      readonly kind: 'trunk';
      readonly provider: string;
      readonly trunk: string;
      readonly edge: string;
      readonly host?: string;
      readonly source?: string;
    }
  | { readonly kind: 'peer'; readonly pbx: string; readonly site: string };

/** Names one path: `pbx` looks at `target`. `key` is `PBX>TARGET`, unique in the fleet. */
export type PathRef = {
  readonly key: string;
  readonly pbx: string;
  readonly site: string;
  readonly target: string;
  readonly end: PathEnd;
};

/** Loss over a window with its Wilson 95 % interval; ratios 0 to 1. Only unbiased samples (liveness, loss) count. */
export type LossEstimate = {
  readonly sent: number;
  readonly lost: number;
  readonly lossRatio: number;
  readonly lowRatio: number;
  readonly highRatio: number;
  readonly windowMs: number;
};

/** Round trips of answered attempts over a window, milliseconds. */
export type RttEstimate = {
  readonly n: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly windowMs: number;
};

/**
 * State of one path. `unknown` is neither bad nor good (safety rule 2); `unmeasurable` never answered an OPTIONS;
 * `probe-blocked` is silent to OPTIONS while calls succeed (no ground for a flip).
 */
export type HealthState = 'unknown' | 'unmeasurable' | 'probe-blocked' | 'healthy' | 'degraded' | 'hard-down';

/**
 * What the loss of a path is told from: OPTIONS where enough of them were asked, else ICMP, which edges rate-limit and which is
 * never a ground by itself.
 */
export type LossEvidence = 'options' | 'icmp' | 'none';

/** Health of one path, judged by the hub. Times are hub time (milliseconds since the epoch, never stepping back). */
export type PathHealth = {
  readonly ref: PathRef;
  readonly state: HealthState;
  readonly sinceMs: number;
  /** Unbiased OPTIONS samples (answered or missed) since `sinceMs`; what half-open recovery counts. */
  readonly samplesInState: number;
  /** Those of them that were lost. */
  readonly lostInState: number;
  /** One plain sentence with the figures. */
  readonly reason: string;
  /** SIP OPTIONS over the last minute. */
  readonly options: LossEstimate;
  readonly rtt: RttEstimate | undefined;
  readonly icmp: LossEstimate | undefined;
  readonly consecutiveMisses: number;
  readonly missesNeeded: number;
  readonly lastAnsweredAtMs: number | undefined;
  readonly lastSampleAtMs: number | undefined;
  readonly lastStatusCode: number | undefined;
  /** The instrument was sick: this path abstains from correlation. */
  readonly isAbstaining: boolean;
  /** PBXs of the same site whose figures these are: the hub has this PBX ask nothing. Such a path is no witness of its own. */
  readonly inheritedFrom?: readonly string[];
  readonly lossEvidence?: LossEvidence;
  /** Interval at which the hub has it asked; absent: the probe's own. */
  readonly intervalMs?: number;
  /** Attempts that left in the same millisecond as one at another provider. */
  readonly pairs?: StripedPairs;
  /** Outbound registration of the trunk as Asterisk last told it. */
  readonly registration?: string;
};
