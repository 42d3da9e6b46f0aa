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
const LATEST_TO_STOP = [4, 8, 16, 32, 64] as const;
/** Half of a few calls fail by chance too often to shed for it. */
const LATEST_TO_SHED = [16, 32, 64] as const;

/**
 * Sorts a trunk by its calls. Failing and poor each need the whole 95 % interval of a figure on the bad side of its bound, so a
 * few calls accuse nobody; leaving needs the figure itself past another bound.
 *
 * @see ITU-T E.425 (NER, ASR); design.md, safety rule 2
 */
export function callStanding(ground: CallGround, policy: CallPolicy): CallStanding {
  const { calls, mos } = ground;
  const look: Look = {
    ...ground,
    ner: shareOf(calls, isEffective),
    pddMs: medianPdd(calls, policy.pddCalls),
  };
  const figures = {
    n: calls.length,
    effective: look.ner.hits,
    nerHigh: look.ner.high,
    pddMs: look.pddMs,
    mosHigh: mos?.high,
  };
  const stop = stopReason(look, policy);
  if (stop !== undefined) return { stage: 'failing', reason: stop, ...figures };
  if (calls.length === 0 && !mos) return { stage: 'unknown', reason: 'no calls', ...figures };
  const shed = shedReason(look, policy) ?? (ground.wasPoor ? wellGap(look, policy) : undefined);
  if (shed !== undefined) return { stage: 'poor', reason: shed, ...figures };
  return { stage: 'fine', reason: nerText(calls), ...figures };
}

type Share = { readonly hits: number; readonly of: number; readonly low: number; readonly high: number };
type Look = CallGround & { readonly ner: Share; readonly pddMs: number | undefined };

/** `12 of 40 calls went through (NER 30 %)`. */
export function nerText(calls: readonly LedgerCall[]): string {
  const { hits, of } = shareOf(calls, isEffective);
  if (of === 0) return 'no calls';
  return `${hits} of ${of} calls went through (NER ${percent(hits / of)})`;
}

/** A share of the last so many calls, of all where none is said, with its 95 % interval; 0 to 1 where there are none. */
export function shareOf(
  calls: readonly LedgerCall[],
  isHit: (call: LedgerCall) => boolean,
  of: number = calls.length,
): Share {
  let hits = 0;
  for (let at = calls.length - of; at < calls.length; at += 1) {
    const call = calls[at];
    if (call && isHit(call)) hits += 1;
  }
  const { highRatio, lowRatio } = wilsonInterval({ sent: of, lost: hits });
  return { hits, of, low: lowRatio, high: highRatio };
}

function stopReason({ calls, mos, ner }: Look, { mosStop, nerStop }: CallPolicy): string | undefined {
  const failing = lastBelow(calls, ner, LATEST_TO_STOP, nerStop);
  if (failing !== undefined) return `of the latest, ${nerText(calls.slice(-failing))}`;
  return mos && mos.high < mosStop ? `MOS at most ${mos.high.toFixed(1)}` : undefined;
}

function shedReason({ calls, mos, ner, otherAsrLow, pddMs }: Look, policy: CallPolicy): string | undefined {
  const poor = lastBelow(calls, ner, LATEST_TO_SHED, policy.nerShed);
  if (poor !== undefined) return `of the latest, ${nerText(calls.slice(-poor))}`;
  const answered = shareOf(calls, isAnswered);
  const other = answered.high < policy.asrShedPart ? otherAsrLow() : undefined;
  if (other !== undefined && answered.high < other * policy.asrShedPart) {
    return `${answered.hits} of ${answered.of} calls answered, elsewhere at least ${percent(other)}`;
  }
  if (pddMs !== undefined && pddMs > policy.pddShedMs) return `median post-dial delay ${Math.round(pddMs)} ms`;
  return mos && mos.high < policy.mosShed ? `MOS at most ${mos.high.toFixed(1)}` : undefined;
}

/** What a trunk that was poor still lacks; undefined when nothing. */
function wellGap({ calls, mos, ner, otherAsrLow, pddMs }: Look, policy: CallPolicy): string | undefined {
  if (ner.of > 0 && ner.hits / ner.of < policy.nerWell) return `not well yet: ${nerText(calls)}`;
  const answered = shareOf(calls, isAnswered);
  const other = answered.of > 0 && answered.high < policy.asrWellPart ? otherAsrLow() : undefined;
  if (other !== undefined && answered.high < other * policy.asrWellPart) {
    return `not well yet: ${answered.hits} of ${answered.of} calls answered`;
  }
  if (pddMs !== undefined && pddMs > policy.pddWellMs) {
    return `not well yet: median post-dial delay ${Math.round(pddMs)} ms`;
  }
  return mos && mos.value < policy.mosWell ? `not well yet: MOS ${mos.value.toFixed(1)}` : undefined;
}

/** The first of these counts of latest calls whose NER is proven to be below the bound; undefined for none. */
function lastBelow(
  calls: readonly LedgerCall[],
  { hits, of }: Share,
  counts: readonly number[],
  bound: number,
): number | undefined {
  if (hits === of) return undefined;
  return counts.find((count) => count <= calls.length && shareOf(calls, isEffective, count).high < bound);
}

/** Median of the post-dial delays; undefined under `atLeast` of them, or where it is below what matters. */
function medianPdd(calls: readonly LedgerCall[], atLeast: number): number | undefined {
  let late = 0;
  for (const { pddMs } of calls) if (pddMs !== undefined && pddMs >= PROMPT_MS) late += 1;
  if (calls.length < atLeast || late * 2 < atLeast) return undefined;
  const delays = Float64Array.from(calls.flatMap(({ pddMs }) => pddMs ?? [])).toSorted();
  return delays.length < atLeast ? undefined : delays[Math.floor(delays.length / 2)];
}

function isEffective(call: LedgerCall): boolean {
  return call.isEffective;
}

function isAnswered(call: LedgerCall): boolean {
  return call.isAnswered;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
