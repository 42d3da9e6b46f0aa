import { wilsonInterval } from '../paths/wilson.ts';
import type { LedgerCall } from './call-ledger.ts';
import type { CallPolicy } from './route-policy.ts';

/** What the calls of one PBX at one trunk say of it; `unknown` neither accuses nor clears it (safety rule 2). */
export type CallStage = 'unknown' | 'fine' | 'poor' | 'failing';

/** MOS of the worse direction of the calls at a trunk, with the upper end of its interval; `n` packets. */
export type MosLook = { readonly value: number; readonly high: number; readonly n: number };

/** Everything that one standing is told from. */
export type CallGround = {
  /** Oldest first; only those that count: within the window, since the hold, since trouble on this side was over. */
  readonly calls: readonly LedgerCall[];
  /** The best share of answered calls at another trunk of the class, as the lower end of its interval; undefined: unknown. */
  readonly otherAsrLow: () => number | undefined;
  readonly mos: MosLook | undefined;
  /** Whether it was poor until now: what bounds apply. */
  readonly wasPoor: boolean;
};

/** A stage with the figures that it rests on. */
export type CallStanding = {
  readonly stage: CallStage;
  readonly reason: string;
  readonly n: number;
  /** Those of them that went through. */
  readonly effective: number;
  /** Upper ends of 95 % intervals, so 1 where nothing is known: what is proven against a trunk, and nothing more. */
  readonly nerHigh: number;
  /** Median; undefined also where it is short. */
  readonly pddMs: number | undefined;
  readonly mosHigh: number | undefined;
};

/** A post-dial delay under this is held against nobody. */
const PROMPT_MS = 2000;

/** Latest calls that are looked at by themselves, so that a sudden end is not hidden by an hour of good calls. */
const LATEST = [4, 8, 16, 32, 64] as const;
/** Half of a few calls fail by chance too often to shed for it: of so many on. */
const FEWEST_TO_SHED = 16;

/**
 * Sorts a trunk by its calls. Failing and poor each need the whole 95 % interval of a figure on the bad side of its bound, so a
 * few calls accuse nobody; leaving needs the figure itself past another bound.
 *
 * @see ITU-T E.425 (NER, ASR); design.md, safety rule 2
 */
export function callStanding(ground: CallGround, policy: CallPolicy): CallStanding {
  const { calls, mos, otherAsrLow, wasPoor } = ground;
  const count = counted(calls);
  const look: Look = { calls, mos, otherAsrLow, count, pddMs: medianPdd(calls, count.late, policy.pddCalls) };
  const stop = stopReason(look, policy);
  if (stop !== undefined) return standing('failing', stop, look);
  if (calls.length === 0 && !mos) return standing('unknown', 'no calls', look);
  const shed = shedReason(look, policy) ?? (wasPoor ? wellGap(look, policy) : undefined);
  if (shed !== undefined) return standing('poor', shed, look);
  return standing('fine', 'no figure is bad', look);
}

function standing(stage: CallStage, reason: string, { calls, count, mos, pddMs }: Look): CallStanding {
  const n = calls.length;
  const { effective } = count;
  return { stage, reason, n, effective, nerHigh: highRatio(effective, n), pddMs, mosHigh: mos?.high };
}

/** What was counted in one walk from the latest call back. */
type Count = {
  readonly effective: number;
  readonly answered: number;
  /** With a post-dial delay of {@link PROMPT_MS} or more. */
  readonly late: number;
  /** Those that went through of the latest 4, 8, 16, … as far as there are so many. */
  readonly effectiveOfLatest: readonly number[];
};
type Look = Omit<CallGround, 'wasPoor'> & { readonly count: Count; readonly pddMs: number | undefined };

/** `12 of 40 calls went through (NER 30 %)`. */
export function nerText(calls: readonly LedgerCall[]): string {
  return told(counted(calls).effective, calls.length);
}

/** Share of calls that were answered, as the lower end of its 95 % interval; 0 where there are none. */
export function asrLow(calls: readonly LedgerCall[]): number {
  let answered = 0;
  for (const { isAnswered } of calls) if (isAnswered) answered += 1;
  return wilsonInterval({ sent: calls.length, lost: answered }).lowRatio;
}

function counted(calls: readonly LedgerCall[]): Count {
  const effectiveOfLatest: number[] = [];
  let [answered, effective, late] = [0, 0, 0];
  let left: number = LATEST[0];
  for (let at = calls.length - 1; at >= 0; at -= 1) {
    const call = calls[at];
    if (!call) continue;
    if (call.isEffective) effective += 1;
    if (call.isAnswered) answered += 1;
    if ((call.pddMs ?? 0) >= PROMPT_MS) late += 1;
    left -= 1;
    if (left > 0) continue;
    effectiveOfLatest.push(effective);
    left = (LATEST[effectiveOfLatest.length] ?? Number.POSITIVE_INFINITY) - (calls.length - at);
  }
  return { effective, answered, late, effectiveOfLatest };
}

function highRatio(hits: number, of: number): number {
  return wilsonInterval({ sent: of, lost: hits }).highRatio;
}

/** The upper end of a share's interval is below the bound; never where the share itself is not. */
function isBelow(hits: number, of: number, bound: number): boolean {
  return hits < of * bound && highRatio(hits, of) < bound;
}

function told(effective: number, of: number): string {
  return of === 0 ? 'no calls' : `${effective} of ${of} calls went through (NER ${percent(effective / of)})`;
}

function stopReason({ count, mos }: Look, { mosStop, nerStop }: CallPolicy): string | undefined {
  const failing = latestBelow(count, 0, nerStop);
  if (failing !== undefined) return failing;
  return mos && mos.high < mosStop ? `MOS at most ${mos.high.toFixed(1)}` : undefined;
}

function shedReason({ calls, count, mos, otherAsrLow, pddMs }: Look, policy: CallPolicy): string | undefined {
  const poor = latestBelow(count, FEWEST_TO_SHED, policy.nerShed);
  if (poor !== undefined) return poor;
  const { answered } = count;
  const other = isBelow(answered, calls.length, policy.asrShedPart) ? otherAsrLow() : undefined;
  if (other !== undefined && highRatio(answered, calls.length) < other * policy.asrShedPart) {
    return `${answered} of ${calls.length} calls answered, elsewhere at least ${percent(other)}`;
  }
  if (pddMs !== undefined && pddMs > policy.pddShedMs) return `median post-dial delay ${Math.round(pddMs)} ms`;
  return mos && mos.high < policy.mosShed ? `MOS at most ${mos.high.toFixed(1)}` : undefined;
}

/** What a trunk that was poor still lacks; undefined when nothing. */
function wellGap({ calls, count, mos, otherAsrLow, pddMs }: Look, policy: CallPolicy): string | undefined {
  const { answered, effective } = count;
  const { length } = calls;
  if (length > 0 && effective / length < policy.nerWell) return `not well yet: ${told(effective, length)}`;
  const other = isBelow(answered, length, policy.asrWellPart) ? otherAsrLow() : undefined;
  if (other !== undefined && highRatio(answered, length) < other * policy.asrWellPart) {
    return `not well yet: ${answered} of ${length} calls answered`;
  }
  if (pddMs !== undefined && pddMs > policy.pddWellMs) {
    return `not well yet: median post-dial delay ${Math.round(pddMs)} ms`;
  }
  return mos && mos.value < policy.mosWell ? `not well yet: MOS ${mos.value.toFixed(1)}` : undefined;
}

/** The latest calls whose NER is proven to be below the bound, the fewest first and `fewest` at least; undefined for none. */
function latestBelow({ effectiveOfLatest }: Count, fewest: number, bound: number): string | undefined {
  for (const [at, effective] of effectiveOfLatest.entries()) {
    const of = LATEST[at] ?? 0;
    if (of >= fewest && isBelow(effective, of, bound)) return `of the latest, ${told(effective, of)}`;
  }
  return undefined;
}

/** Median of the post-dial delays; undefined under `atLeast` of them, or where it is below what matters. */
function medianPdd(calls: readonly LedgerCall[], late: number, atLeast: number): number | undefined {
  if (calls.length < atLeast || late * 2 < atLeast) return undefined;
  const delays = Float64Array.from(calls.flatMap(({ pddMs }) => pddMs ?? [])).toSorted();
  return delays.length < atLeast ? undefined : delays[Math.floor(delays.length / 2)];
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
