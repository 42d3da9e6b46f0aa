import { execFile } from 'node:child_process';
import { setInterval as ticks } from 'node:timers/promises';
import type { ClockReading } from '../../../wire/measurement.ts';
import { type ClockResult, parseChronyTracking, parseTimex } from './clock-reading.ts';

const RUN_LIMIT_MS = 3000;

/**
 * Number of the system call adjtimex by Node's name of the processor. Called with `modes` 0 it reads and changes nothing, so
 * anybody may.
 *
 * @see Linux arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h.
 */
const ADJTIMEX: Readonly<Record<string, string>> = { x64: '159', arm64: '171' };

/** Debian has no program for adjtimex without a further package; perl-base is on every Debian. */
const TIMEX_SCRIPT = String.raw`my $t = "\0" x 512; my $s = syscall($ARGV[0] + 0, $t); exit 1 if $s < 0; print join(" ", $s, unpack("x8 q q q q l", $t));`;

/** Where the clock is read from; names or paths of programs. */
export type ClockPrograms = { readonly chronyc: string; readonly perl: string };

/** What is on a Debian host. */
export const CLOCK_PROGRAMS: ClockPrograms = { chronyc: 'chronyc', perl: 'perl' };

/**
 * Reads the host's clock against true time: as chrony says where it follows a source, else as the kernel says.
 *
 * @returns undefined where neither can be read: unknown. Never rejects for anything that the programs do.
 */
export async function readClock(programs: ClockPrograms, signal: AbortSignal): Promise<ClockReading | undefined> {
  const chrony = await read(programs.chronyc, ['-c', '-n', 'tracking'], parseChronyTracking, signal);
  if (chrony) return chrony;
  const number = ADJTIMEX[process.arch];
  return number === undefined ? undefined : read(programs.perl, ['-e', TIMEX_SCRIPT, number], parseTimex, signal);
}

/** What watching the clock needs from the outside. `onReading` must not throw. */
export type ClockDeps = {
  readonly programs: ClockPrograms;
  /** 30,000 ms in practice. */
  readonly everyMs: number;
  readonly onReading: (reading: ClockReading | undefined) => void;
  readonly signal: AbortSignal;
};

/** Reads the clock at once and then every `everyMs`; resolves once the signal is aborted and no program runs. */
export async function watchClock({ everyMs, onReading, programs, signal }: ClockDeps): Promise<void> {
  onReading(await readClock(programs, signal));
  try {
    for await (const _ of ticks(everyMs, undefined, { signal })) onReading(await readClock(programs, signal));
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
}

function read(
  program: string,
  args: string[],
  parse: (text: string) => ClockResult,
  signal: AbortSignal,
): Promise<ClockReading | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  const env = { ...process.env, LC_ALL: 'C' };
  const options = { env, signal, timeout: RUN_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 10_000 } as const;
  return new Promise((resolve) => {
    execFile(program, args, options, (fault, stdout) => {
      const result = fault ? undefined : parse(stdout);
      resolve(result?.ok === true ? result.reading : undefined);
    });
  });
}
