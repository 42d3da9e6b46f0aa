/** What a provider allows each of its edges to be asked, over all sites. */
export type EdgeBudget = {
  /** OPTIONS at intervals, the PBXs' own qualify included. */
  readonly attemptsPerMinute: number;
  /** Burst on top of it for confirmations and controls, in any minute. */
  readonly confirmPerMinute: number;
  readonly witnessesPerSite: number;
  /** No witness asks faster at its interval; what the budget leaves beyond goes to the Poisson loss schedule. */
  readonly fastestIntervalMs: number;
};

/** Who else asks an edge, beside the witnesses. */
export type EdgeLoad = {
  /** The PBXs' own qualify, attempts per minute, summed over them. */
  readonly qualifyPerMinute: number;
  /** Places that want witnesses of their own: sites, times source addresses. */
  readonly placeCount: number;
  /** Share (0 to 1) of the PBXs with this edge that no hub hears: each may be asking by itself. */
  readonly unheardRatio: number;
};

/** What is left for the witnesses of one edge. */
export type WitnessShare = {
  readonly attemptsPerMinute: number;
  readonly witnessesPerPlace: number;
  /** Qualify alone asks more than the provider allows: trouble that only the PBXs' configuration can end. */
  readonly isOverrun: boolean;
};

/** Pace of one witness. */
export type WitnessPace = {
  readonly intervalMs: number;
  /** Distance of neighbouring witnesses in time. */
  readonly slotMs: number;
  readonly lossMeanMs: number;
  /** Attempts at intervals and of the loss schedule in any minute, at most. */
  readonly periodicPerMinute: number;
};

/** A site is never left with less than one attempt in five minutes, whatever qualify takes. */
const LEAST_PER_MINUTE_AND_PLACE = 0.2;

/** Fewer witnesses are elected rather than that each of them asks more rarely than this. */
const SLOWEST_WANTED_PER_MINUTE = 1;

/** Share of what is left over that the loss schedule is set to; Poisson times cluster. */
const LOSS_SHARE = 0.8;

/** Confirmations worth having: with the miss before them they make the four that a clean path needs. */
const LEAST_CONFIRMATIONS = 3;

/** Slots are this much wider than even ones, so that some of them coming late and others early puts no further one into a minute. */
const SLOT_SLACK = 1.01;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What the witnesses of an edge may use together, and how many each site has, from 1 to the provider's bound. */
export function witnessShare(budget: EdgeBudget, load: EdgeLoad): WitnessShare {
  const { qualifyPerMinute, placeCount, unheardRatio } = load;
  const least = Math.min(budget.attemptsPerMinute, LEAST_PER_MINUTE_AND_PLACE * placeCount);
  const left = Math.max(least, budget.attemptsPerMinute - qualifyPerMinute);
  const wanted = Math.floor(left / (SLOWEST_WANTED_PER_MINUTE * Math.max(1, placeCount)));
  return {
    attemptsPerMinute: Math.max(least, left * (1 - unheardRatio)),
    witnessesPerPlace: Math.min(budget.witnessesPerSite, Math.max(1, wanted)),
    isOverrun: qualifyPerMinute > budget.attemptsPerMinute,
  };
}

/**
 * Shares an edge's rate equally over its witnesses. Witness `i` asks at `i × slotMs` of each interval, so that together they
 * are one even stream: no minute holds more than the rate, rounded up.
 */
export function witnessPace(budget: EdgeBudget, attemptsPerMinute: number, witnessCount: number): WitnessPace {
  const witnesses = Math.max(1, witnessCount);
  const slotMs = Math.ceil((SLOT_SLACK * MINUTE_MS) / attemptsPerMinute);
  const evenMs = slotMs * witnesses;
  if (evenMs >= budget.fastestIntervalMs) {
    const intervalMs = Math.min(DAY_MS, Math.max(100, evenMs));
    return { intervalMs, slotMs, lossMeanMs: 0, periodicPerMinute: Math.ceil(MINUTE_MS / intervalMs) };
  }
  const intervalMs = budget.fastestIntervalMs;
  const own = attemptsPerMinute / witnesses;
  const lossPerMinute = LOSS_SHARE * (own - MINUTE_MS / intervalMs);
  return {
    intervalMs,
    slotMs: Math.floor(intervalMs / witnesses),
    lossMeanMs: lossPerMinute >= 1 ? Math.round(MINUTE_MS / lossPerMinute) : 0,
    periodicPerMinute: Math.max(1, Math.floor(own)),
  };
}

/**
 * Shares the burst for confirmations: equally where that gives each witness as many as are worth having, else whole to the
 * first of them, who stand in the order of alternating sites.
 *
 * @returns one number for each witness; their sum never exceeds the burst.
 */
export function confirmShares(confirmPerMinute: number, witnessCount: number): readonly number[] {
  const even = Math.floor(confirmPerMinute / Math.max(1, witnessCount));
  if (even >= LEAST_CONFIRMATIONS) return Array.from({ length: witnessCount }, () => even);
  const each = Math.min(confirmPerMinute, LEAST_CONFIRMATIONS);
  const chosen = each > 0 ? Math.floor(confirmPerMinute / each) : 0;
  return Array.from({ length: witnessCount }, (_, at) => (at < chosen ? each : 0));
}

/** Interval of a PBX that asks by itself: the rate left by qualify, shared by so many PBXs. */
export function aloneIntervalMs(budget: EdgeBudget, load: EdgeLoad, pbxCount: number): number {
  const { attemptsPerMinute } = witnessShare(budget, { ...load, unheardRatio: 0 });
  const slotMs = Math.ceil((SLOT_SLACK * MINUTE_MS) / attemptsPerMinute);
  return Math.min(DAY_MS, Math.max(budget.fastestIntervalMs, slotMs * Math.max(1, pbxCount)));
}
