import { describe, expect, it } from 'vitest';
import { fetchHubSecrets } from '../../server/hub-secrets.ts';
import { Secret } from '../../wire/secret.ts';
import { hubConfig } from './hub-fixture.ts';

const config = hubConfig('/none', {
  pbxes: [
    { pbx: 'fra-1', site: 'fra', probe: 'probe-1', token: { env: 'FRA' } },
    { pbx: 'ams-1', site: 'ams', probe: 'probe-2', token: { env: 'AMS' } },
  ],
  tokens: [{ name: 'owner', role: 'admin', token: { file: '/none/owner' } }],
});

/** Fetches from a table; what is not in it is missing. */
const from = (table: Readonly<Record<string, string>>) => (source: object) => {
  const name = String(Object.values(source)[0]);
  const text = table[name];
  return text === undefined ? `${name} is not set` : new Secret(text);
};
const GOOD = { FRA: 'f'.repeat(22), AMS: `${'a'.repeat(30)}-._~+/==`, '/none/owner': 'o'.repeat(22) };

describe('the secrets of a hub', () => {
  it('are kept by the names of whom they belong to', () => {
    const result = fetchHubSecrets(config, from(GOOD));
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const { probeTokens, userTokens } = result.secrets;
    expect([...probeTokens].map(([pbx, secret]) => [pbx, secret.reveal()])).toEqual([
      ['fra-1', GOOD.FRA],
      ['ams-1', GOOD.AMS],
    ]);
    expect([...userTokens].map(([name, secret]) => [name, secret.reveal()])).toEqual([['owner', GOOD['/none/owner']]]);
  });

  it('that are missing, too short, of bad characters or used twice are all named at once', () => {
    const place = (table: Readonly<Record<string, string>>) => {
      const result = fetchHubSecrets(config, from(table));
      return result.ok ? [] : result.faults.map(({ path, message }) => `${path}: ${message}`);
    };
    expect(place({ AMS: 'short' })).toEqual([
      'pbxes[0].token: FRA is not set',
      'pbxes[1].token: a token has at least 22 characters',
      'tokens[0].token: /none/owner is not set',
    ]);
    expect(place({ ...GOOD, '/none/owner': GOOD.FRA })).toEqual(['tokens[0].token: the same token as pbxes[0].token']);
    expect(place({ ...GOOD, FRA: 'with spaces in it, which no header takes' })).toEqual([
      'pbxes[0].token: a token is made of letters, digits and - . _ ~ + /, with = at its end',
    ]);
    expect(place({ ...GOOD, FRA: 'x'.repeat(600) })).toEqual(['pbxes[0].token: a token has at most 512 characters']);
  });

  it('are never shown by a fault', () => {
    const result = fetchHubSecrets(config, from({ ...GOOD, AMS: GOOD.FRA, '/none/owner': 'my secret' }));
    expect(JSON.stringify(result)).not.toContain(GOOD.FRA);
    expect(JSON.stringify(result)).not.toContain('my secret');
  });
});
