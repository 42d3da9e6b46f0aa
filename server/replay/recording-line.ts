import { parseProbeFrame } from '../../wire/codec.ts';
import type { ProbeFrame } from '../../wire/probe-frames.ts';
import type { HubConfig } from '../config-schema.ts';

/** Something that a hub took in, when it did: a frame of a probe, or that its connection was lost. Hub time. */
export type RecordedLine = { readonly receivedAtEpochMs: number; readonly pbx: string } & (
  | { readonly frame: ProbeFrame }
  | { readonly gone: string }
);

/** A line, or what is wrong with it in words. */
export type RecordedLineResult =
  | { readonly ok: true; readonly line: RecordedLine }
  | { readonly ok: false; readonly message: string };

/** What `config` of the first line holds, not yet checked. */
export type HeaderResult =
  | { readonly ok: true; readonly config: unknown }
  | { readonly ok: false; readonly message: string };

/**
 * Reads the first line of a recording. A recording is UTF-8 text, one JSON object a line:
 *
 *     {"config": …}                                          the hub's configuration as of its file, without secrets
 *     {"receivedAtEpochMs": 1800000000000, "pbx": "fra-1", "frame": …}   any frame from probe to hub, wire version 1
 *     {"receivedAtEpochMs": 1800000000000, "pbx": "fra-1", "gone": "…"}  the connection was lost, and why
 *
 * Times never go back from line to line. A probe's first frame is its hello. Unknown members are passed over.
 */
export function readHeader(text: string): HeaderResult {
  const value = readObject(text);
  if (!value.ok) return value;
  const { config } = value.object;
  return config === undefined
    ? { ok: false, message: 'the first line of a recording is {"config": …}; this one has no config' }
    : { ok: true, config };
}

/** Reads any later line of a recording; see {@link readHeader}. Never throws. */
export function readRecordedLine(text: string): RecordedLineResult {
  const value = readObject(text);
  if (!value.ok) return value;
  const { frame, gone, pbx, receivedAtEpochMs } = value.object;
  if (typeof receivedAtEpochMs !== 'number' || !Number.isFinite(receivedAtEpochMs) || receivedAtEpochMs < 0) {
    return { ok: false, message: 'receivedAtEpochMs: expected milliseconds since 1970' };
  }
  if (typeof pbx !== 'string' || pbx === '') return { ok: false, message: 'pbx: expected a name' };
  if (typeof gone === 'string') return { ok: true, line: { receivedAtEpochMs, pbx, gone } };
  if (frame === undefined) return { ok: false, message: 'expected frame or gone' };
  const parsed = parseProbeFrame(JSON.stringify(frame));
  if (!parsed.ok) return { ok: false, message: `frame${parsed.fault.place}: ${parsed.fault.message}` };
  return { ok: true, line: { receivedAtEpochMs, pbx, frame: parsed.frame } };
}

/** The first line of a recording, without its end of line. Tokens and places of this machine are left out. */
export function headerLine(config: HubConfig): string {
  const unused = { env: 'UNUSED' };
  const pbxes = config.pbxes.map((each) => ({ ...each, token: unused }));
  const { tls: _tls, ...listen } = config.listen;
  const shareable = { ...config, dataDir: '.', listen: { ...listen, host: '127.0.0.1' }, pbxes, tokens: [] };
  return JSON.stringify({ config: shareable });
}

/** A later line of a recording, without its end of line. */
export function recordedLine(line: RecordedLine): string {
  return JSON.stringify(line);
}

function readObject(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { ok: false, message: cause instanceof Error ? cause.message : 'not JSON' } as const;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, message: 'expected a JSON object' } as const;
  }
  return { ok: true, object: value as { readonly [member: string]: unknown } } as const;
}
