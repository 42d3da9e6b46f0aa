import type { TrunkEndpoint } from './provider-channel.ts';

/** When something happened: on the probe's monotonic clock and on the wall. */
export type Moment = { readonly nowMs: number; readonly epochMs: number };

/**
 * One provider channel that Asterisk opened towards a trunk, as far as it was seen. A new value replaces the old at each
 * event.
 */
export type CallLeg = {
  readonly uniqueId: string;
  readonly linkedId: string;
  readonly trunk: TrunkEndpoint;
  readonly edge: string | undefined;
  /** False for a call that came in from the provider: remembered so that its end is not taken for one of ours. */
  readonly isOutbound: boolean;
  readonly startedAtEpochMs: number;
  /** Undefined where the beginning was not seen. */
  readonly startedAtMs: number | undefined;
  readonly answeredAtEpochMs: number | undefined;
  /** The edge has sent something beyond 100. */
  readonly hasReply: boolean;
  /** A final status that may be Asterisk's own (408 of timer B, 503 of a transport): no evidence either way. */
  readonly isInconclusive: boolean;
  /** Asterisk itself asked for the end, so a final status that follows is its own. */
  readonly isEndedHere: boolean;
  /** Events of this call may have been missed. */
  readonly hasGap: boolean;
  /** Its end was reported as unknown; a Hangup that still comes ends it properly. */
  readonly isMissing: boolean;
};

/** What is known of a leg when it is met. */
export type LegStart = Pick<CallLeg, 'uniqueId' | 'linkedId' | 'trunk' | 'isOutbound' | 'startedAtEpochMs'> & {
  readonly startedAtMs?: number;
  readonly hasGap: boolean;
};

/** A leg of which nothing but its beginning is known. */
export function beginLeg(start: LegStart): CallLeg {
  return {
    edge: undefined,
    answeredAtEpochMs: undefined,
    hasReply: false,
    isInconclusive: false,
    isEndedHere: false,
    isMissing: false,
    startedAtMs: undefined,
    ...start,
  };
}
