import { execFile } from 'node:child_process';

/** What a finished command left behind; both streams decoded as UTF-8 and kept whole up to 16 MiB. */
export type CommandResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Bounds and input of one command. `timeoutMs` defaults to 30,000; the command is killed when it passes. */
export type CommandOptions = {
  readonly timeoutMs?: number;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** A command that had to succeed ended with another exit code, a signal or its time-out. */
export class CommandError extends Error {
  readonly code = 'LAB_COMMAND_FAILED';
  readonly result: CommandResult;

  constructor(argv: readonly string[], result: CommandResult) {
    super(`${argv.join(' ')}: exit ${result.exitCode}: ${(result.stderr || result.stdout).trim().slice(-2000)}`);
    this.result = result;
  }
}

/**
 * Runs a program without a shell and waits for its end.
 *
 * @returns the result whatever the exit code; a program that cannot start or overran its time gives exit code 127 or 124.
 */
export async function tryRun(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...args] = argv;
  return await new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      {
        encoding: 'utf8',
        maxBuffer: 16 * 1024 * 1024,
        timeout: options.timeoutMs ?? 30_000,
        killSignal: 'SIGKILL',
        env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
      },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve({ exitCode: 0, stdout, stderr });
          return;
        }
        const exitCode = typeof error.code === 'number' ? error.code : error.killed === true ? 124 : 127;
        resolve({ exitCode, stdout, stderr: stderr === '' ? error.message : stderr });
      },
    );
    child.stdin?.on('error', () => child.stdin?.destroy());
    child.stdin?.end(options.input ?? '');
  });
}

/**
 * Runs a program that has to succeed.
 *
 * @returns its standard output.
 * @throws CommandError when the exit code is not 0.
 */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await tryRun(argv, options);
  if (result.exitCode !== 0) throw new CommandError(argv, result);
  return result.stdout;
}
