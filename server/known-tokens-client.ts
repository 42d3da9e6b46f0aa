import { createHash } from 'node:crypto';
import type { Secret } from '../wire/secret.ts';
import type { HubConfig } from './config-schema.ts';
import type { HubSecrets } from './hub-secrets.ts';
import type { KnownToken } from './ingest/token-check.ts';

/** Who a token's text belongs to. Only digests are kept, so looking one up leaks nothing of its text. */
export class KnownTokens {
  readonly #bySha256 = new Map<string, KnownToken>();

  constructor(config: HubConfig, { probeTokens, userTokens }: HubSecrets) {
    for (const { pbx, probe } of config.pbxes) {
      this.#add(probeTokens.get(pbx), (sha256) => ({ kind: 'probe', sha256, pbx, probe }));
    }
    for (const { name, role } of config.tokens) {
      this.#add(userTokens.get(name), (sha256) => ({ kind: 'user', sha256, name, role }));
    }
  }

  /** Finds a token by its text. */
  find(text: string): KnownToken | undefined {
    return this.#bySha256.get(digest(text));
  }

  #add(secret: Secret | undefined, token: (sha256: string) => KnownToken): void {
    if (!secret) return;
    const sha256 = digest(secret.reveal());
    this.#bySha256.set(sha256, token(sha256));
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
