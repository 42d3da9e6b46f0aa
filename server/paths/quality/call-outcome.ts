/** What became of one outbound call at its trunk, as RFC 6076 and ITU-T E.425 sort it. */
export type CallOutcome = {
  /** False where a gap in the events hides it: the call counts in no ratio. */
  readonly isKnown: boolean;
  readonly isAnswered: boolean;
  /** Answered, or turned down by a 480, 486, 600 or 603 (RFC 6076 §4.7, SEER). */
  readonly isEffectiveSession: boolean;
  /** 3xx: outside the ratios of RFC 6076. */
  readonly isRedirected: boolean;
  /** 408, 500, 503 or 504 (RFC 6076 §4.8, ineffective session attempt). */
  readonly isIneffective: boolean;
  /** Answered, busy, rung without answer, or turned down by the called terminal (E.425, NER). */
  readonly isNetworkEffective: boolean;
  /** The caller gave up before anything rang: says nothing of the network, outside NER. */
  readonly isAbandonedEarly: boolean;
  /** A branch of a forked dial that another one won: no attempt of the caller's, in no ratio. */
  readonly isElsewhere: boolean;
  /** The number does not exist, is out of service or incomplete: may be the caller's slip, says nothing of the trunk. */
  readonly isOfNumber: boolean;
};

/** What a `call-ended` event says of a call. */
export type EndedCall = {
  readonly isAnswered: boolean;
  readonly statusCode: number | undefined;
  readonly causeCode: number | undefined;
  /** Something rang: a post-dial delay was seen. */
  readonly hasRung: boolean;
  readonly missedEvents: boolean;
};

const EFFECTIVE_SESSION = new Set([480, 486, 600, 603]);
const INEFFECTIVE = new Set([408, 500, 503, 504]);
/** Final statuses by which the called side, not the network, ended it: busy, no answer, turned down. */
const TERMINAL_STATUSES = new Set([480, 486, 487, 600, 603]);
/** User busy, no user responding, no answer, subscriber absent, call rejected (ITU-T Q.850 table 1). */
const TERMINAL_CAUSES = new Set([17, 18, 19, 20, 21]);
/** Not found, gone, address incomplete, does not exist anywhere (RFC 3261 §21). */
const NUMBER_STATUSES = new Set([404, 410, 484, 604]);
/** Unallocated number, number changed, invalid number format (ITU-T Q.850 table 1). */
const NUMBER_CAUSES = new Set([1, 22, 28]);
const NORMAL_CLEARING = 16;
/** Non-selected user clearing, Asterisk's "answered elsewhere". */
const ANSWERED_ELSEWHERE = 26;
/** Asterisk's cause of an end by its own dial time-out. */
const NO_CAUSE = 0;

/**
 * Sorts one ended call.
 *
 * @see RFC 6076 §4.7 (SEER), §4.8 (ISA); ITU-T E.425 (ASR, NER; the sorting of SIP statuses is ours, by RFC 3398 §7.2.6.1,
 *   which maps statuses to causes); ITU-T Q.850 table 1 (causes).
 */
export function callOutcome({ causeCode, hasRung, isAnswered, missedEvents, statusCode }: EndedCall): CallOutcome {
  const isEndedHere = statusCode === undefined && (causeCode === NORMAL_CLEARING || causeCode === NO_CAUSE);
  const isTerminal =
    statusCode === undefined
      ? causeCode !== undefined && TERMINAL_CAUSES.has(causeCode)
      : TERMINAL_STATUSES.has(statusCode);
  const isRungOut = hasRung && (isEndedHere || statusCode === 487);
  return {
    isKnown: isAnswered || !missedEvents,
    isAnswered,
    isEffectiveSession: isAnswered || (statusCode !== undefined && EFFECTIVE_SESSION.has(statusCode)),
    isRedirected: !isAnswered && statusCode !== undefined && statusCode >= 300 && statusCode < 400,
    isIneffective: !isAnswered && statusCode !== undefined && INEFFECTIVE.has(statusCode),
    isNetworkEffective: isAnswered || isTerminal || isRungOut,
    isAbandonedEarly: !isAnswered && !hasRung && isEndedHere,
    isElsewhere: !isAnswered && causeCode === ANSWERED_ELSEWHERE,
    isOfNumber:
      !isAnswered &&
      (statusCode === undefined
        ? causeCode !== undefined && NUMBER_CAUSES.has(causeCode)
        : NUMBER_STATUSES.has(statusCode)),
  };
}

/** One word for an outcome, fit for a metric label. */
export type OutcomeClass =
  | 'answered'
  | 'unknown'
  | 'elsewhere'
  | 'redirected'
  | 'abandoned'
  | 'ineffective'
  | 'not-answered'
  | 'rejected';

/**
 * The class of an outcome; each call has exactly one. `not-answered`: busy, not answered or turned down by the called side;
 * `rejected`: by the network, for what none of the others names.
 */
export function outcomeClass(outcome: CallOutcome): OutcomeClass {
  if (outcome.isAnswered) return 'answered';
  if (!outcome.isKnown) return 'unknown';
  if (outcome.isElsewhere) return 'elsewhere';
  if (outcome.isRedirected) return 'redirected';
  if (outcome.isAbandonedEarly) return 'abandoned';
  if (outcome.isIneffective) return 'ineffective';
  return outcome.isNetworkEffective ? 'not-answered' : 'rejected';
}
