import type { SchemaFault } from '../wire/schema-faults.ts';
import type { Secret } from '../wire/secret.ts';
import type { ProbeConfig, SecretSource } from './config-schema.ts';

/** Fetches a secret, or says in one sentence why there is none. */
export type SecretFetcher = (source: SecretSource) => Secret | string;

/** The two secrets of a probe: its token at the hub, and its AMI user's secret. */
export type ProbeSecrets = { readonly hubToken: Secret; readonly amiSecret: Secret };

/** The secrets, or every one that is missing. */
export type ProbeSecretsResult =
  | { readonly ok: true; readonly secrets: ProbeSecrets }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

/** Fetches the secrets that a configuration names. */
export function fetchProbeSecrets(config: ProbeConfig, fetch: SecretFetcher): ProbeSecretsResult {
  const hubToken = fetch(config.hub.token);
  const amiSecret = fetch(config.ami.secret);
  if (typeof hubToken !== 'string' && typeof amiSecret !== 'string')
    return { ok: true, secrets: { hubToken, amiSecret } };
  const faults: SchemaFault[] = [];
  if (typeof hubToken === 'string') faults.push({ path: 'hub.token', message: hubToken });
  if (typeof amiSecret === 'string') faults.push({ path: 'ami.secret', message: amiSecret });
  return { ok: false, faults };
}
