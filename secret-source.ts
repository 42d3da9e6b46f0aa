import { readFileSync } from 'node:fs';
import { Secret } from './wire/secret.ts';
import type { SecretSource } from './wire/secret-source.ts';

/**
 * Fetches a secret from where a configuration says it is kept.
 *
 * @param source - an environment variable, or a file whose text is taken without surrounding white space.
 * @returns the secret, or one sentence saying why there is none.
 */
export function fetchSecret(source: SecretSource): Secret | string {
  if ('env' in source) {
    const text = process.env[source.env];
    return text ? new Secret(text) : `environment variable ${source.env} is not set`;
  }
  try {
    const text = readFileSync(source.file, 'utf8').trim();
    return text === '' ? `${source.file} is empty` : new Secret(text);
  } catch (cause) {
    return cause instanceof Error ? cause.message : `${source.file} cannot be read`;
  }
}
