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
  /** Share of PBXs that may move calls within `blastWindowMs`; at least one. Moves off hard-down trunks are free. */
  readonly maxChangedRatio: number;
  readonly blastWindowMs: number;
  /** A trunk that comes back takes a small share of calls first, then a growing one; else all of them at once. */
  readonly isCanaryOn: boolean;
  readonly canary: CanaryPolicy;
  /** A verdict on less loss than this makes a trunk shed a share of its calls instead of all. */
  readonly shedBelowLossRatio: number;
  readonly calls: CallPolicy;
  /** A trunk sheds from this share of its channels or calls a second on, until all its calls would be below the second. */
  readonly fullRatio: number;
  readonly roomRatio: number;
  /** Among bad trunks one goes before another if its score is better by so much; scores are 0 to 1. */
  readonly scoreMargin: number;
};

/** How a trunk comes back to its calls. */
export type CanaryPolicy = {
  /** Shares of new calls, step by step; after the last it has all that are its own. */
  readonly sharePercents: readonly number[];
  /** Least time on each step. */
  readonly stepMs: number;
  /** Calls that went through and that a step needs. */
  readonly calls: number;
  /** A step goes on probes alone after so long without calls enough, and all steps where the class had no call for so long. */
  readonly probesAloneAfterMs: number;
};

/** What is made of the calls of one PBX at one trunk, of one class. Each figure has one bound to enter and another to leave. */
export type CallPolicy = {
  /** Calls that ended longer ago say nothing. */
  readonly windowMs: number;
  /** NER: even the upper end of its 95 % interval is below, so all calls go elsewhere. */
  readonly nerStop: number;
  /** The same for a share of the calls; over once the NER itself is above the second. */
  readonly nerShed: number;
  readonly nerWell: number;
  /** Answered calls, compared with the best other trunk of the class: a part of its ASR, on both intervals. */
  readonly asrShedPart: number;
  readonly asrWellPart: number;
  /** Median post-dial delay of at least `pddCalls` calls. */
  readonly pddShedMs: number;
  readonly pddWellMs: number;
  readonly pddCalls: number;
  /** MOS of the worse direction: the upper end of its interval. */
  readonly mosStop: number;
  readonly mosShed: number;
  readonly mosWell: number;
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
  isCanaryOn: true,
  canary: { sharePercents: [5, 25, 50], stepMs: 30_000, calls: 5, probesAloneAfterMs: 600_000 },
  shedBelowLossRatio: 0.05,
  calls: {
    windowMs: 900_000,
    nerStop: 0.6,
    nerShed: 0.9,
    nerWell: 0.95,
    asrShedPart: 0.6,
    asrWellPart: 0.8,
    pddShedMs: 6000,
    pddWellMs: 4000,
    pddCalls: 10,
    mosStop: 2,
    mosShed: 3.1,
    mosWell: 3.5,
  },
  fullRatio: 0.9,
  roomRatio: 0.75,
  scoreMargin: 0.1,
};
