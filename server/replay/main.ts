import { readFileSync } from 'node:fs';
import type { HubConfig } from '../config-schema.ts';
import { recordFrom } from './record-client.ts';
import { type ReplayPolicy, replayFile } from './replay-runner.ts';

/** Exit code when the call, the configuration or the recording's first line is wrong. */
const WRONG = 2;

/**
 * `trunkward replay`: findings go to standard output, one JSON object a line and the summary last; faults to standard error.
 *
 * @returns the exit code: 0 every line was used, 1 some could not be, 2 nothing could be replayed.
 */
export async function runReplay(file: string, config: HubConfig | undefined, policy?: ReplayPolicy): Promise<number> {
  const beganAtMs = performance.now();
  onReaderGone(
    () => process.exit(0),
    ({ message }) => {
      process.stderr.write(`${message}\n`);
      process.exit(1);
    },
  );
  const result = await replayFile({
    file,
    config,
    ...(policy && { policy }),
    onFinding: (finding) => process.stdout.write(`${JSON.stringify(finding)}\n`),
    onFault: (lineNumber, message) => process.stderr.write(`${file}:${lineNumber}: ${message}\n`),
  });
  if (!result.ok) {
    for (const { path, message } of result.faults) process.stderr.write(`${file}: ${path}: ${message}\n`);
    return WRONG;
  }
  const { faults, frames, span } = result;
  const tookMs = Math.round(performance.now() - beganAtMs);
  process.stdout.write(`${JSON.stringify({ kind: 'replayed', frames, faults, ...span, tookMs })}\n`);
  return faults === 0 ? 0 : 1;
}

/** Waits for a reader that is slower than the hub: what it has not taken waits at the hub, which bounds it, not in memory here. */
function writeOut(text: string): Promise<void> | undefined {
  if (process.stdout.write(text)) return undefined;
  return new Promise((resolve) => process.stdout.once('drain', resolve));
}

/** A reader that goes before the end has what it wanted, as with any program in a pipe; standard output that fails otherwise is a fault. */
function onReaderGone(gone: () => void, failed: (cause: Error) => void): void {
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => (cause.code === 'EPIPE' ? gone() : failed(cause)));
}

/** What `trunkward record` was called with. */
export type RecordCall = {
  readonly hub: string;
  readonly tokenFile: string;
  readonly caFile: string | undefined;
  readonly forS: number;
};

/**
 * `trunkward record`: the recording goes to standard output until its time is over, its reader is gone, or the process is told
 * to end.
 *
 * @returns the exit code, 0.
 * @throws an `Error` that says what the hub answered, that the connection was cut, or why nothing could be written.
 */
export async function runRecord({ hub, tokenFile, caFile, forS }: RecordCall): Promise<number> {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  let unwritten: Error | undefined;
  onReaderGone(
    () => ended.abort(),
    (cause) => {
      unwritten ??= cause;
      ended.abort();
    },
  );
  const lines = await recordFrom({
    hub: new URL(hub),
    token: readFileSync(tokenFile, 'utf8').trim(),
    caFile,
    forS,
    onText: writeOut,
    signal: ended.signal,
  });
  if (unwritten) throw unwritten;
  process.stderr.write(`${lines} lines recorded\n`);
  return 0;
}
