import type { LoggerOptions } from 'pino';

/** Names of members that hold a secret or a number somebody dialled, wherever they stand in a logged object (rule 10). */
const HIDDEN = ['token', 'secret', 'password', 'authorization', 'number', 'callerId', 'dialString'];

/**
 * Settings of a program's log: structured lines, and nothing of {@link HIDDEN} at the top, one or two levels down.
 *
 * @param level - a level of pino; `info` when absent.
 */
export function logSettings(name: string, level = 'info'): LoggerOptions {
  const paths = HIDDEN.flatMap((member) => [member, `*.${member}`, `*.*.${member}`]);
  return { name, level, redact: { paths, censor: '[redacted]' } };
}
