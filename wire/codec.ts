import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { AssignmentFrame } from './assignment.ts';
import * as hub from './hub-frames.ts';
import * as probe from './probe-frames.ts';

/** Wire version that this build writes. A hub accepts this one and the one before. */
export const WIRE_VERSION = 1;

/** Versions that this build reads. */
export const READABLE_VERSIONS: readonly number[] = [1];

/** Largest frame either side accepts, in bytes of UTF-8 text. */
export const MAX_FRAME_BYTES = 262_144;

/** Why a frame could not be read. `place` is a JSON pointer into the frame, empty for the whole. */
export type FrameFault = {
  readonly code: 'too-large' | 'not-json' | 'unknown-version' | 'unknown-type' | 'bad-field';
  readonly place: string;
  readonly message: string;
};

/** A frame, or the first fault found in it. */
export type FrameResult<Frame> =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly fault: FrameFault };

type Reader = (value: unknown) => FrameFault | undefined;

/** Compiles its schema at the first frame: a probe never reads its own kinds, nor a hub its own, and each costs memory. */
function reader(schema: TSchema): Reader {
  let validator: Validator | undefined;
  return (value) => {
    validator ??= Compile(schema);
    if (validator.Check(value)) return undefined;
    const [first] = validator.Errors(value);
    return {
      code: 'bad-field',
      place: first?.instancePath ?? '',
      message: `${first?.instancePath || '/'}: ${first?.message ?? 'does not fit the schema'}`,
    };
  };
}

const PROBE_READERS: ReadonlyMap<string, Reader> = new Map([
  ['hello', reader(probe.HelloFrame)],
  ['batch', reader(probe.BatchFrame)],
  ['event', reader(probe.EventFrame)],
  ['plan-result', reader(probe.PlanResultFrame)],
  ['read-back', reader(probe.ReadBackFrame)],
  ['targets', reader(probe.TargetsFrame)],
]);

const HUB_READERS: ReadonlyMap<string, Reader> = new Map([
  ['welcome', reader(hub.WelcomeFrame)],
  ['refuse', reader(hub.RefuseFrame)],
  ['ack', reader(hub.AckFrame)],
  ['plan', reader(hub.PlanFrame)],
  ['modes', reader(hub.ModesFrame)],
  ['leases', reader(hub.LeasesFrame)],
  ['bans', reader(hub.BansFrame)],
  ['command', reader(hub.CommandFrame)],
  ['assignment', reader(AssignmentFrame)],
]);

/**
 * Reads one frame sent by a probe.
 *
 * @param text - the WebSocket text message, already decoded from UTF-8.
 * @returns the frame, or what is wrong and where; never throws.
 */
export function parseProbeFrame(text: string): FrameResult<probe.ProbeFrame> {
  return parseFrame<Static<typeof probe.ProbeFrame>>(text, PROBE_READERS);
}

/** Reads one frame sent by a hub; as {@link parseProbeFrame}. */
export function parseHubFrame(text: string): FrameResult<hub.HubFrame> {
  return parseFrame<Static<typeof hub.HubFrame>>(text, HUB_READERS);
}

/** Writes a frame as JSON text. The caller keeps it under {@link MAX_FRAME_BYTES}. */
export function encodeFrame(frame: probe.ProbeFrame | hub.HubFrame): string {
  return JSON.stringify(frame);
}

function parseFrame<Frame>(text: string, readers: ReadonlyMap<string, Reader>): FrameResult<Frame> {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_FRAME_BYTES) {
    return refused('too-large', '', `frame of ${bytes} bytes exceeds ${MAX_FRAME_BYTES}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refused('not-json', '', cause instanceof Error ? cause.message : 'not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused('bad-field', '', 'a frame is a JSON object');
  }
  const { v, type } = value as { readonly v?: unknown; readonly type?: unknown };
  if (typeof v !== 'number' || !READABLE_VERSIONS.includes(v)) {
    return refused('unknown-version', '/v', `wire version ${shown(v)} is not among ${READABLE_VERSIONS.join(', ')}`);
  }
  const read = typeof type === 'string' ? readers.get(type) : undefined;
  if (!read) return refused('unknown-type', '/type', `frame type ${shown(type)} is not known`);
  const fault = read(value);
  return fault ? { ok: false, fault } : { ok: true, frame: value as Frame };
}

function refused(code: FrameFault['code'], place: string, message: string): FrameResult<never> {
  return { ok: false, fault: { code, place, message } };
}

/** Only plain values are printed: a deeply nested one would overflow the stack of whoever prints it. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'object' && value !== null ? 'an object or array' : JSON.stringify(value);
  return text.slice(0, 40);
}
