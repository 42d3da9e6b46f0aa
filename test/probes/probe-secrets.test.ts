import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fetchProbeSecrets } from '../../probes/probe-secrets.ts';
import { Secret } from '../../wire/secret.ts';
import { probeConfig } from './probe-fixture.ts';

const TOKEN = 'abcdefghijklmnopqrstuvwxyz';

describe('the secrets of a probe', () => {
  it('are fetched from where the configuration says, and show themselves nowhere', () => {
    const asked: unknown[] = [];
    const result = fetchProbeSecrets(probeConfig(), (source) => {
      asked.push(source);
      return new Secret('env' in source ? TOKEN : 'ami secret');
    });
    expect(asked).toEqual([{ env: 'HUB_TOKEN' }, { file: '/none/ami.secret' }]);
    if (!result.ok) throw new Error('refused');
    expect(result.secrets.hubToken.reveal()).toBe(TOKEN);
    expect(result.secrets.amiSecret.reveal()).toBe('ami secret');
    expect(inspect(result, { depth: 9 }) + JSON.stringify(result)).not.toContain(TOKEN);
  });

  it('that are missing are all named with their places', () => {
    expect(fetchProbeSecrets(probeConfig(), (source) => `no ${Object.values(source)[0]}`)).toEqual({
      ok: false,
      faults: [
        { path: 'hub.token', message: 'no HUB_TOKEN' },
        { path: 'ami.secret', message: 'no /none/ami.secret' },
      ],
    });
  });

  it.each([
    ['is too short for any hub', 'short', 'a token has at least 22 characters'],
    [
      'holds what no header may carry',
      `${TOKEN}\nX-Evil: 1`,
      'a token is made of letters, digits and - . _ ~ + /, with = at its end',
    ],
    ['holds a space', `${TOKEN} ${TOKEN}`, 'a token is made of letters, digits and - . _ ~ + /, with = at its end'],
  ])('are refused where the token %s', (_name, token, message) => {
    const result = fetchProbeSecrets(probeConfig(), () => new Secret(token));
    expect(result).toEqual({ ok: false, faults: [{ path: 'hub.token', message }] });
  });
});
