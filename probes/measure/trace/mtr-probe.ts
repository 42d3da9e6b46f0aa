import { execFile } from 'node:child_process';
import { isIP } from 'node:net';
import { type MtrReport, parseMtrReport } from './mtr-report.ts';

/** Packets to each hop: as many as it takes to place a loss of 30 % by interval. */
const ROUNDS = 30;
/** mtr lets nobody but root go below 1 s. */
const INTERVAL_S = 1;
/** Wait for replies after the last round. */
const GRACE_S = 3;
/** A run that takes longer is killed; it should take 33 s. */
const LIMIT_MS = 60_000;
const CHECK_LIMIT_MS = 3000;
const MAX_OUTPUT_BYTES = 1_000_000;

/** Where to trace to, and how. Both addresses are IP literals; nothing is looked up. */
export type TraceWay = {
  readonly address: string;
  /** Local address to send from; the host's own choice when absent. */
  readonly sourceAddress?: string | undefined;
  /** `udp` sends to high ports, which targets seldom answer: then nothing can be blamed. */
  readonly protocol: 'icmp' | 'udp';
};

/** What a trace found, or one sentence that says why there is nothing. */
export type TraceRun = Extract<MtrReport, { ok: true }> | { readonly ok: false; readonly text: string };

/**
 * Whether this host has an mtr that can write JSON (Debian's `mtr-tiny`). Says nothing of its right to raw sockets, which
 * shows at the first trace.
 *
 * @param program - name or path of the program.
 */
export async function canRunMtr(program: string): Promise<boolean> {
  const { fault, stdout } = await run(program, ['--json', '--version'], CHECK_LIMIT_MS, undefined);
  return fault === undefined && stdout.startsWith('mtr ');
}

/**
 * One trace: 30 packets to every hop, one a second, about half a minute. An aborted signal kills the program at once. Never
 * rejects for anything that mtr or the system does.
 *
 * @param program - name or path of the program.
 * @throws Error when an address is no IP literal: nothing else can reach the program's arguments.
 */
export async function traceOnce(program: string, way: TraceWay, signal: AbortSignal): Promise<TraceRun> {
  const { address, protocol, sourceAddress } = way;
  if (isIP(address) === 0) throw new Error('address of a trace is no IP literal');
  if (sourceAddress !== undefined && isIP(sourceAddress) === 0) throw new Error('source of a trace is no IP literal');
  const pace = ['-c', String(ROUNDS), '-i', String(INTERVAL_S), '-G', String(GRACE_S)];
  const source = sourceAddress === undefined ? [] : ['-a', sourceAddress];
  const how = protocol === 'udp' ? ['-u'] : [];
  const { fault, stderr, stdout } = await run(
    program,
    ['--json', '-n', ...pace, ...how, ...source, address],
    LIMIT_MS,
    signal,
  );
  if (signal.aborted) return { ok: false, text: 'cut short: the probe was closed' };
  if (fault !== undefined) return { ok: false, text: faultText(fault, stderr) };
  const report = parseMtrReport(stdout);
  return report.ok
    ? report
    : { ok: false, text: `the report of mtr cannot be used: ${report.fault} at ${report.place}` };
}

type Ended = { readonly fault: Error | undefined; readonly stdout: string; readonly stderr: string };

function run(program: string, args: string[], timeout: number, signal: AbortSignal | undefined): Promise<Ended> {
  const env = { ...process.env, LC_ALL: 'C' };
  const options = {
    env,
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(signal && { signal }),
  } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (fault, stdout, stderr) => resolve({ fault: fault ?? undefined, stdout, stderr }));
  });
}

function faultText(fault: Error, stderr: string): string {
  if ('code' in fault && fault.code === 'ENOENT') return 'mtr is not installed (Debian package mtr-tiny)';
  if ('killed' in fault && fault.killed === true) return `mtr did not end within ${LIMIT_MS / 1000} s`;
  const [said = ''] = stderr.trim().split('\n');
  return `mtr failed: ${said === '' ? 'it said nothing' : said}`.slice(0, 500);
}
