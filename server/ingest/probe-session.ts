import { type FrameFault, parseProbeFrame } from '../../wire/codec.ts';
import type { RefuseFrame } from '../../wire/hub-frames.ts';
import type {
  BatchFrame,
  EventFrame,
  HelloFrame,
  PlanResultFrame,
  ReadBackFrame,
  TargetsFrame,
} from '../../wire/probe-frames.ts';

/** One probe's connection: before its hello it may say nothing else. */
export type SessionState = {
  readonly hello: HelloFrame | undefined;
  readonly badFrames: number;
  /** Of the last batch taken: a batch that comes again must not count twice (safety rule 1). */
  readonly batchSequence: number | undefined;
};

/** A connection that has just been opened. */
export const NEW_SESSION: SessionState = { hello: undefined, badFrames: 0, batchSequence: undefined };

/** Frames of no meaning that one connection may send before it is closed. */
export const MAX_BAD_FRAMES = 20;

/** Who the token says may speak here. */
export type SessionIdentity = { readonly pbx: string; readonly probe: string };

/** A frame that may be acted upon, or the refusal to send back. */
export type SessionEffect =
  | { readonly kind: 'hello'; readonly frame: HelloFrame }
  | { readonly kind: 'batch'; readonly frame: BatchFrame }
  | { readonly kind: 'event'; readonly frame: EventFrame }
  | { readonly kind: 'plan-result'; readonly frame: PlanResultFrame }
  | { readonly kind: 'read-back'; readonly frame: ReadBackFrame }
  | { readonly kind: 'targets'; readonly frame: TargetsFrame }
  | { readonly kind: 'refuse'; readonly code: RefuseFrame['code']; readonly reason: string; readonly isFatal: boolean };

/**
 * Takes one text message of a probe. Pure; never throws. A bad frame is answered with its reason and leaves the
 * session as it was; too many of them, or another PBX than the token's, end it.
 */
export function receive(
  state: SessionState,
  text: string,
  identity: SessionIdentity,
): { readonly state: SessionState; readonly effect: SessionEffect } {
  const parsed = parseProbeFrame(text);
  if (!parsed.ok) return refuseBadFrame(state, parsed.fault);
  const { frame } = parsed;
  if (frame.type === 'hello') {
    if (frame.pbx !== identity.pbx || frame.probe !== identity.probe) {
      return refuse(state, 'unknown-pbx', `this token is for probe ${identity.probe} on ${identity.pbx}`, true);
    }
    return { state: { ...state, hello: frame }, effect: { kind: 'hello', frame } };
  }
  if (!state.hello) return refuse(state, 'hello-expected', `${frame.type} came before hello`, true);
  switch (frame.type) {
    case 'batch':
      return takeBatch(state, frame);
    case 'event':
      return { state, effect: { kind: 'event', frame } };
    case 'plan-result':
      return { state, effect: { kind: 'plan-result', frame } };
    case 'read-back':
      return { state, effect: { kind: 'read-back', frame } };
    case 'targets':
      return { state, effect: { kind: 'targets', frame } };
    default:
      return frame satisfies never;
  }
}

function takeBatch(state: SessionState, frame: BatchFrame) {
  const { batchSequence } = state;
  if (batchSequence !== undefined && frame.sequence <= batchSequence) {
    return refuseBadFrame(state, {
      code: 'bad-field',
      place: '/sequence',
      message: `/sequence: batch ${frame.sequence} came after batch ${batchSequence}`,
    });
  }
  return { state: { ...state, batchSequence: frame.sequence }, effect: { kind: 'batch', frame } as const };
}

const CODES = {
  'too-large': 'too-large',
  'not-json': 'bad-frame',
  'unknown-version': 'unknown-version',
  'unknown-type': 'bad-frame',
  'bad-field': 'bad-frame',
} as const satisfies Record<FrameFault['code'], RefuseFrame['code']>;

function refuseBadFrame(state: SessionState, fault: FrameFault) {
  const badFrames = state.badFrames + 1;
  const isFatal = badFrames >= MAX_BAD_FRAMES || fault.code === 'unknown-version' || fault.code === 'too-large';
  return refuse({ ...state, badFrames }, CODES[fault.code], fault.message.slice(0, 300), isFatal);
}

function refuse(state: SessionState, code: RefuseFrame['code'], reason: string, isFatal: boolean) {
  return { state, effect: { kind: 'refuse', code, reason, isFatal } as const };
}
