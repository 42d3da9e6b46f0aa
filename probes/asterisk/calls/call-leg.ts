import type { TrunkEndpoint } from './provider-channel.ts';

/** When something happened: on the probe's monotonic clock and on the wall. */
export type Moment = { readonly nowMs: number; readonly epochMs: number };

/**
 * One provider channel that Asterisk opened towards a trunk, as far as it was seen. A new value replaces the old at each
 * event.
 */
export type CallLeg = {
  /** One up for each leg that this run of the probe meets; names the leg to the hub without a Call-ID. */
  readonly number: number;
  readonly uniqueId: string;
  readonly linkedId: string;
  readonly channel: string;
  readonly trunk: TrunkEndpoint;
  readonly edge: string | undefined;
  /** Class that the include dialled for; undefined where another dialplan did, and for a call that came in. */
  readonly class: string | undefined;
  /** False for a call that came in from the provider: remembered so that its end is not taken for one of ours. */
  readonly isOutbound: boolean;
  readonly startedAtEpochMs: number;
  /** Undefined where the beginning was not seen. */
  readonly startedAtMs: number | undefined;
  readonly answeredAtEpochMs: number | undefined;
  /** Monotonic; undefined where the answer was not seen. */
  readonly answeredAtMs: number | undefined;
  /** From its beginning to the first ringing, progress or answer; undefined until then, and where some of it was not seen. */
  readonly pddMs: number | undefined;
  /** Asterisk passed on a 183: media may come before the answer. */
  readonly hasProgress: boolean;
  /** The edge has sent something beyond 100. */
  readonly hasReply: boolean;
  /** A final status that may be Asterisk's own (408 of timer B, 503 of a transport): no evidence either way. */
  readonly isInconclusive: boolean;
  /** Final status of an end that came from the far side, or that Asterisk made in its place. */
  readonly finalStatusCode: number | undefined;
  /** Who ended it first; undefined while it goes on, and where that does not show. */
  readonly endedBy: 'provider' | 'this-side' | undefined;
  /** Asterisk itself asked for the end, so a final status that follows is its own. */
  readonly isEndedHere: boolean;
  /** Events of this call may have been missed. */
  readonly hasGap: boolean;
  /** Its end was reported as unknown; a Hangup that still comes ends it properly. */
  readonly isMissing: boolean;
};

/** What is known of a leg when it is met. */
export type LegStart = Pick<
  CallLeg,
  'number' | 'uniqueId' | 'linkedId' | 'channel' | 'trunk' | 'isOutbound' | 'startedAtEpochMs'
> & {
  readonly startedAtMs?: number;
  readonly hasGap: boolean;
};

/** A leg of which nothing but its beginning is known. */
export function beginLeg(start: LegStart): CallLeg {
  return {
    edge: undefined,
    class: undefined,
    answeredAtEpochMs: undefined,
    answeredAtMs: undefined,
    pddMs: undefined,
    hasProgress: false,
    hasReply: false,
    isInconclusive: false,
    finalStatusCode: undefined,
    endedBy: undefined,
    isEndedHere: false,
    isMissing: false,
    startedAtMs: undefined,
    ...start,
  };
}
