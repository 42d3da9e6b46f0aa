import type { SchemaFault } from '../wire/schema-faults.ts';
import { Secret } from '../wire/secret.ts';
import type { SecretSource } from '../wire/secret-source.ts';
import { tokenFault } from '../wire/token.ts';
import type { HubConfig } from './config-schema.ts';

/** Fetches a secret, or says in one sentence why there is none. */
export type SecretFetcher = (source: SecretSource) => Secret | string;

/** The secrets of a hub: one token per PBX's probe and per user, keyed by their names. */
export type HubSecrets = {
  readonly probeTokens: ReadonlyMap<string, Secret>;
  readonly userTokens: ReadonlyMap<string, Secret>;
  /** Of webhooks (`webhook NAME`) and Kamailio edges (`kamailio NAME`); absent: none. */
  readonly actuators?: ReadonlyMap<string, Secret>;
};

/** The secrets, or every one that is missing, no token or used twice. */
export type HubSecretsResult =
  | { readonly ok: true; readonly secrets: HubSecrets }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

/** Fetches all tokens a configuration names; no two may be the same. */
export function fetchHubSecrets(config: HubConfig, fetch: SecretFetcher): HubSecretsResult {
  const faults: SchemaFault[] = [];
  const owners = new Map<string, string>();
  const take = (path: string, source: SecretSource): Secret => {
    const secret = fetch(source);
    if (typeof secret === 'string') {
      faults.push({ path, message: secret });
      return new Secret('');
    }
    const text = secret.reveal();
    const fault = tokenFault(text);
    if (fault !== undefined) faults.push({ path, message: fault });
    const owner = owners.get(text);
    if (owner !== undefined) faults.push({ path, message: `the same token as ${owner}` });
    owners.set(text, path);
    return secret;
  };
  const probeTokens = new Map(config.pbxes.map(({ pbx, token }, at) => [pbx, take(`pbxes[${at}].token`, token)]));
  const userTokens = new Map(config.tokens.map(({ name, token }, at) => [name, take(`tokens[${at}].token`, token)]));
  const actuators = new Map([
    ...config.actuators.webhooks.map(({ name, secret }, at) => {
      return [`webhook ${name}`, take(`actuators.webhooks[${at}].secret`, secret)] as const;
    }),
    ...config.actuators.kamailio.flatMap(({ name, secret }, at) => {
      return secret ? [[`kamailio ${name}`, take(`actuators.kamailio[${at}].secret`, secret)] as const] : [];
    }),
  ]);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, secrets: { probeTokens, userTokens, actuators } };
}
