import { createInterface } from 'node:readline/promises';
import { runInstall } from './probes/asterisk/dialplan/install-runner.ts';

/** Options of the commands that change Asterisk's files. */
export type InstallFlags = {
  readonly extensions: string;
  readonly yes: boolean;
  readonly discard: boolean;
  readonly reload: boolean;
};

/** Asks at the terminal; undefined where there is none. */
async function askAtTerminal(): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Change these files? [y/N] ').finally(() => terminal.close());
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Installs the contexts, or takes out what is installed where there are none.
 *
 * @returns the exit code: 0 done, 1 told no or not loaded, 2 nobody to ask or a file that is wrong.
 */
export async function installDialplan(contexts: string | undefined, flags: InstallFlags): Promise<0 | 1 | 2> {
  const outcome = await runInstall({
    extensionsFile: flags.extensions,
    contexts,
    mayDiscard: flags.discard,
    mayReload: flags.reload,
    say: (text) => void process.stdout.write(text),
    mayChange: async () => flags.yes || (await askAtTerminal()),
  });
  if (outcome.kind === 'done') return 0;
  if ('fault' in outcome) process.stderr.write(`${outcome.place}: ${outcome.fault}\n`);
  else if (outcome.kind === 'declined') process.stderr.write('nothing was changed\n');
  else process.stderr.write('nothing was changed: there is no terminal to ask at, and --yes was not given\n');
  return outcome.kind === 'refused' || outcome.kind === 'nobody-to-ask' ? 2 : 1;
}
