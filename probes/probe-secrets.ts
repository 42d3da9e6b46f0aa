import type { SchemaFault } from '../wire/schema-faults.ts';
import type { Secret } from '../wire/secret.ts';
import type { SecretSource } from '../wire/secret-source.ts';
import { tokenFault } from '../wire/token.ts';
import type { ProbeConfig } from './config-schema.ts';
import type { TrunkCredentials } from './options-runner.ts';

/** Fetches a secret, or says in one sentence why there is none. */
export type SecretFetcher = (source: SecretSource) => Secret | string;

/** The secrets of a probe: its token at the hub, its AMI user's secret, and the passwords of trunks that challenge. */
export type ProbeSecrets = {
  readonly hubToken: Secret;
  readonly amiSecret: Secret;
  readonly trunkPasswords: ReadonlyMap<string, Secret>;
};

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
  const trunkPasswords = new Map<string, Secret>();
  config.trunks.forEach(({ auth, trunk }, at) => {
    const password = auth && fetch(auth.password);
    if (typeof password === 'string') faults.push({ path: `trunks[${at}].auth.password`, message: password });
    else if (password) trunkPasswords.set(trunk, password);
  });
  if (faults.length > 0 || typeof hubToken === 'string' || typeof amiSecret === 'string') return { ok: false, faults };
  return { ok: true, secrets: { hubToken, amiSecret, trunkPasswords } };
}

/** What answers the challenges of each trunk that has `auth`. */
export function trunkCredentials(
  config: ProbeConfig,
  { trunkPasswords }: ProbeSecrets,
): ReadonlyMap<string, TrunkCredentials> {
  return new Map(
    config.trunks.flatMap(({ auth, trunk }) => {
      const password = trunkPasswords.get(trunk);
      return auth && password ? [[trunk, { ...auth, password: password.reveal() }] as const] : [];
    }),
  );
}
