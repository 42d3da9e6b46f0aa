import type { TestCallMeasurement } from '../wire/rtp-measurement.ts';
import type { CallState } from './measure/sip/invite-state.ts';
import type { AgreedMedia } from './measure/sip/sdp-offer.ts';
import type { MediaFigures } from './test-call-media.ts';

/** Whom a test call was for. */
export type CallSubject = Pick<TestCallMeasurement, 'target' | 'trunk' | 'edge' | 'far'>;

/** What was agreed on, or why nothing was, and what the media met. */
export type CallMedia = {
  readonly agreed: AgreedMedia | undefined;
  readonly fault: TestCallMeasurement['mediaFault'];
  readonly figures: MediaFigures;
};

/**
 * What a call that is over has met.
 *
 * @param costMicros - as it is held against the budget.
 */
export function reportCall(
  subject: CallSubject,
  state: CallState,
  media: CallMedia,
  costMicros: number,
): TestCallMeasurement {
  const { answeredAtMs, finalStatus, firstSoundAtMs, startedAtMs } = state;
  return {
    kind: 'test-call',
    ...subject,
    startedAtMs,
    ...outcomeOf(state),
    ...(finalStatus !== undefined && { statusCode: finalStatus }),
    ...(firstSoundAtMs !== undefined && { pddMs: firstSoundAtMs - startedAtMs }),
    ...(answeredAtMs !== undefined && { answerMs: answeredAtMs - startedAtMs }),
    talkMs: talkMsOf(state),
    ...(media.agreed && { codec: media.agreed.codec, packetMs: media.agreed.packetMs }),
    ...(media.fault !== undefined && { mediaFault: media.fault }),
    ...media.figures,
    ...copiesOf(state),
    costMicros,
  };
}

/** Beyond the first of each request. */
function copiesOf({ earlierInvites, earlierSends, invite, legs }: CallState) {
  const inviteCopies = Math.max(0, earlierSends + invite.sends - earlierInvites - 1);
  const byes = legs.flatMap(({ bye }) => (bye ? [bye.sends - 1] : []));
  return { inviteCopies, ...(byes.length > 0 && { byeCopies: byes.reduce((sum, each) => sum + each, 0) }) };
}

/** From answer to end; 0 without an answer. */
export function talkMsOf({ answeredAtMs, endedAtMs }: CallState): number {
  return answeredAtMs === undefined ? 0 : Math.max(0, (endedAtMs ?? answeredAtMs) - answeredAtMs);
}

/** A call that was not placed: the budget leaves no room. */
export function reportRefusal(subject: CallSubject, nowMs: number): TestCallMeasurement {
  const outcome = { outcome: 'over-budget', endedBy: 'gave-up', talkMs: 0, costMicros: 0 } as const;
  return { kind: 'test-call', ...subject, startedAtMs: nowMs, ...outcome };
}

/** A call of an earlier run that was ended; its cost stays at its dearest. */
export function reportRecovery(subject: CallSubject, state: CallState, costMicros: number): TestCallMeasurement {
  const { cancel, legs, startedAtMs } = state;
  const [leg] = legs;
  const byBye = leg?.isEndedByRemote ? 'remote-bye' : leg?.bye?.kind === 'answered' ? 'bye' : 'gave-up';
  const endedBy = leg ? byBye : cancel?.kind === 'answered' ? 'cancel' : 'gave-up';
  return { kind: 'test-call', ...subject, startedAtMs, outcome: 'recovered', talkMs: 0, endedBy, costMicros };
}

function outcomeOf(state: CallState): Pick<TestCallMeasurement, 'outcome' | 'endedBy'> {
  const { cancel, finalStatus, hasTransportFailed, invite, legs } = state;
  const [leg] = legs;
  if (leg && state.answeredAtMs !== undefined) {
    if (leg.isEndedByRemote) return { outcome: 'answered', endedBy: 'remote-bye' };
    return { outcome: 'answered', endedBy: leg.bye?.kind === 'answered' ? 'bye' : 'gave-up' };
  }
  if (hasTransportFailed) return { outcome: 'transport-failed', endedBy: 'gave-up' };
  if (invite.kind === 'timed-out') return { outcome: 'timed-out', endedBy: 'gave-up' };
  if (cancel && finalStatus === 487) return { outcome: 'timed-out', endedBy: 'cancel' };
  return { outcome: 'rejected', endedBy: 'final-status' };
}
