import type { EventBody } from '../../../wire/probe-frames.ts';
import type { CountedCall } from './call-window.ts';

/** The `call-ended` body of a durable event. */
export type CallEnded = Extract<EventBody, { kind: 'call-ended' }>;

/** What a `call-ended` event says that is counted. Talk is 0 where the wall clock stepped back during the call. */
export function countedCall(body: CallEnded): CountedCall {
  const { answeredAtEpochMs, causeCode, endedAtEpochMs, missedEvents, pddMs, statusCode } = body;
  const isAnswered = answeredAtEpochMs !== undefined;
  return {
    isAnswered,
    statusCode,
    causeCode,
    hasRung: pddMs !== undefined,
    missedEvents: missedEvents === true,
    pddMs,
    talkMs: isAnswered ? Math.max(0, endedAtEpochMs - answeredAtEpochMs) : undefined,
  };
}
