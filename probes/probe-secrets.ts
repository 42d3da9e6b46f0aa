import type { SchemaFault } from '../wire/schema-faults.ts';
import type { Secret } from '../wire/secret.ts';
import { tokenFault } from '../wire/token.ts';
import type { ProbeConfig, SecretSource } from './config-schema.ts';

/** Fetches a secret, or says in one sentence why there is none. */
export type SecretFetcher = (source: SecretSource) => Secret | string;

/** The two secrets of a probe: its token at the hub, and its AMI user's secret. */
export type ProbeSecrets = { readonly hubToken: Secret; readonly amiSecret: Secret };

/** The secrets, or every one that is missing or unusable. */
export type ProbeSecretsResult =
  | { readonly ok: true; readonly secrets: ProbeSecrets }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

/** Fetches the secrets that a configuration names. */
export function fetchProbeSecrets(config: ProbeConfig, fetch: SecretFetcher): ProbeSecretsResult {
  const hubToken = fetch(config.hub.token);
  const amiSecret = fetch(config.ami.secret);
  const tokenMessage = typeof hubToken === 'string' ? hubToken : tokenFault(hubToken.reveal());
  const faults: SchemaFault[] = [];
  if (tokenMessage !== undefined) faults.push({ path: 'hub.token', message: tokenMessage });
  if (typeof amiSecret === 'string') faults.push({ path: 'ami.secret', message: amiSecret });
  if (faults.length > 0 || typeof hubToken === 'string' || typeof amiSecret === 'string') return { ok: false, faults };
  return { ok: true, secrets: { hubToken, amiSecret } };
}
