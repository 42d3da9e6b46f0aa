import type { EventBody } from '../../../wire/probe-frames.ts';
import { type AmiPacket, firstValue } from '../ami/ami-packet.ts';
import type { CallLeg, Moment } from './call-leg.ts';

/** The `call-ended` body of a durable event. */
export type CallEnded = Extract<EventBody, { kind: 'call-ended' }>;

/**
 * What is told of a leg at its Hangup. An absent `answeredAtEpochMs` with `missedEvents` is unknown, not "never". An end
 * that nobody asked for on the provider's channel came from this side: Asterisk closes a bridge without a request.
 */
export function callEnded(leg: CallLeg, packet: AmiPacket, at: Moment): CallEnded {
  const causeCode = Number(firstValue(packet, 'Cause'));
  const statusCode = statusCodeOf(packet);
  const endedBy = leg.endedBy ?? (leg.hasGap || leg.finalStatusCode !== undefined ? undefined : 'this-side');
  return {
    kind: 'call-ended',
    linkedId: leg.linkedId.slice(0, 150),
    uniqueId: leg.uniqueId.slice(0, 150),
    trunk: leg.trunk.trunk,
    startedAtEpochMs: leg.startedAtEpochMs,
    ...(leg.answeredAtEpochMs === undefined ? {} : { answeredAtEpochMs: leg.answeredAtEpochMs }),
    endedAtEpochMs: Math.max(at.epochMs, leg.startedAtEpochMs),
    ...(Number.isInteger(causeCode) && causeCode >= 0 && causeCode <= 127 ? { causeCode } : {}),
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(leg.hasGap ? { missedEvents: true } : {}),
    ...(leg.edge === undefined ? {} : { edge: leg.edge }),
    ...(leg.class === undefined ? {} : { class: leg.class }),
    ...(leg.pddMs === undefined ? {} : { pddMs: leg.pddMs }),
    ...(endedBy === undefined ? {} : { endedBy }),
  };
}

/**
 * SIP status that Asterisk names as the technical cause of an end. Undefined where it names none: for a normal end, and
 * always on an Asterisk from before the field came (end of 2025).
 *
 * @see https://github.com/asterisk/asterisk/pull/1533
 */
export function statusCodeOf(packet: AmiPacket): number | undefined {
  const text = firstValue(packet, 'TechCause');
  return text !== undefined && /^[1-6]\d\d$/.test(text) ? Number(text) : undefined;
}

/** `Timestamp` (epoch seconds with a fraction, where `timestampevents` is on) if it is near the arrival. */
export function stampedEpochMs(packet: AmiPacket, arrivedEpochMs: number): number {
  const stampedMs = Math.round(Number(firstValue(packet, 'Timestamp') ?? Number.NaN) * 1000);
  return Math.abs(stampedMs - arrivedEpochMs) <= 60_000 ? stampedMs : arrivedEpochMs;
}
