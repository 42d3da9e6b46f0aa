/** Settings of the routing stage; times in milliseconds, ratios 0 to 1. */
export type RoutePolicy = {
  /** How long a demoted trunk stays demoted after it was last bad; doubles with every relapse. */
  readonly holdDownMs: number;
  readonly maxHoldDownMs: number;
  /** One doubling is forgiven for each such time without trouble. */
  readonly forgiveAfterMs: number;
  /** Half-open: a trunk past its hold must be healthy for so long, and for so many samples, before it leads again. */
  readonly halfOpenMs: number;
  readonly halfOpenSamples: number;
  /** Least time between two changes of the first trunk of one (PBX, class), unless the first is hard-down. */
  readonly minDwellMs: number;
  /** Share of PBXs whose first trunks may change within `blastWindowMs`; at least one. Moves off hard-down trunks are free. */
  readonly maxChangedRatio: number;
  readonly blastWindowMs: number;
  /** A half-open trunk takes a small share of calls beside the first one. */
  readonly isCanaryOn: boolean;
};

/** Defaults; the configuration file overrides some. */
export const ROUTE_POLICY: RoutePolicy = {
  holdDownMs: 30_000,
  maxHoldDownMs: 1_800_000,
  forgiveAfterMs: 3_600_000,
  halfOpenMs: 20_000,
  halfOpenSamples: 20,
  minDwellMs: 30_000,
  maxChangedRatio: 0.1,
  blastWindowMs: 60_000,
  isCanaryOn: false,
};
