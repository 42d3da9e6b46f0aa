import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { SchemaFault } from '../../wire/schema-faults.ts';
import { readHubConfig } from '../config.ts';
import type { HubConfig } from '../config-schema.ts';
import { readHeader, readRecordedLine } from './recording-line.ts';
import { Replay, type ReplayFinding } from './replay.ts';

/** What a replay needs from the outside. */
export type ReplayOptions = {
  /** The recording. */
  readonly file: string;
  /** A checked configuration to judge by; undefined: the recording's own. */
  readonly config: HubConfig | undefined;
  /** Sections of a configuration that take the place of the recording's own, key by key; only without `config`. */
  readonly policy?: ReplayPolicy;
  readonly onFinding: (finding: ReplayFinding) => void;
  /** A line that could not be used, counted from 1; the replay goes on without it. */
  readonly onFault: (lineNumber: number, message: string) => void;
};

/** Settings to judge a recording by instead of its own: what it leaves out stays as it was. */
export type ReplayPolicy = Readonly<Partial<Record<(typeof POLICY_SECTIONS)[number], unknown>>>;

/** Sections of a configuration that are policy: the rest is the fleet, and the recording is of that fleet. */
export const POLICY_SECTIONS = ['routing', 'health', 'correlate', 'classes', 'modes'] as const;

/** A replay that ran to the end of its recording, or why it could not begin. */
export type ReplayResult =
  | {
      readonly ok: true;
      readonly frames: number;
      readonly faults: number;
      /** First and last time of the recording; undefined where no line could be used. */
      readonly span: { readonly fromEpochMs: number; readonly toEpochMs: number } | undefined;
    }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

/**
 * Replays a recording at full speed, line by line: memory does not grow with its length.
 *
 * @throws an `Error` of the system when the file cannot be read.
 */
export async function replayFile({ file, config, policy, onFinding, onFault }: ReplayOptions): Promise<ReplayResult> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  let replay: Replay | undefined;
  let [lineNumber, frames, faults] = [0, 0, 0];
  let span: { fromEpochMs: number; toEpochMs: number } | undefined;
  const fault = (message: string): void => {
    faults += 1;
    onFault(lineNumber, message);
  };
  try {
    for await (const text of lines) {
      lineNumber += 1;
      if (replay === undefined) {
        const own = ownConfig(text, policy);
        if (!own.ok && (config === undefined || own.isNoHeader)) return own;
        replay = new Replay(config ?? (own.ok ? own.config : neverHere()), policy !== undefined);
        continue;
      }
      if (text.trim() === '') continue;
      const read = readRecordedLine(text);
      if (!read.ok) {
        fault(read.message);
        continue;
      }
      const step = replay.take(read.line);
      if (!step.ok) {
        fault(step.message);
        continue;
      }
      frames += 1;
      const { receivedAtEpochMs } = read.line;
      span = { fromEpochMs: span?.fromEpochMs ?? receivedAtEpochMs, toEpochMs: receivedAtEpochMs };
      for (const finding of step.findings) onFinding(finding);
    }
  } finally {
    lines.close();
  }
  if (replay === undefined) return { ok: false, faults: [{ path: 'line 1', message: 'the file is empty' }] };
  return { ok: true, frames, faults, span };
}

function ownConfig(text: string, policy: ReplayPolicy = {}) {
  const header = readHeader(text);
  if (!header.ok) {
    return { ok: false, isNoHeader: true, faults: [{ path: 'line 1', message: header.message }] } as const;
  }
  const read = readHubConfig(withPolicy(header.config, policy));
  if (read.ok) return read;
  const faults = read.faults.map(({ path, message }) => ({ path: `line 1: config.${path}`, message }));
  return { ok: false, isNoHeader: false, faults } as const;
}

/** A section that is an object is changed key by key; a list is replaced. */
function withPolicy(config: unknown, policy: ReplayPolicy): unknown {
  if (!isObject(config)) return config;
  const changed = Object.entries(policy).map(([name, section]) => {
    const own = config[name];
    return [name, isObject(own) && isObject(section) ? { ...own, ...section } : section];
  });
  return { ...config, ...Object.fromEntries(changed) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function neverHere(): never {
  throw new Error('a recording without a sound configuration was let through');
}
