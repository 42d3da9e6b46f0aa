import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { requestFaults } from '../../../server/api/request-faults.ts';
import { ModeChange } from '../../../server/api/view-schemas.ts';

const check = new Ajv({ allErrors: true }).compile(ModeChange);
const GOOD = { function: 'routing', mode: 'enforce', reason: 'a test' };

function said(body: unknown): string {
  check(body);
  return requestFaults(check.errors ?? [], 'body');
}

describe('what is wrong with a request', () => {
  it('is nothing where all is well', () => {
    expect(said(GOOD)).toBe('');
  });

  it.each([
    ['the choices', { ...GOOD, mode: 'enforced' }, 'body.mode: must be one of observe, enforce, null'],
    ['what is missing', { function: 'routing', mode: null }, 'body.reason: required, but missing'],
    ['an unknown key', { ...GOOD, force: true }, 'body.force: unknown key'],
    ['what it is instead', [GOOD], 'body: must be object'],
    [
      'the form of a name in words',
      { ...GOOD, scope: { site: 'Fra 1' } },
      'body.scope.site: must be small letters, digits and hyphens, no hyphen first, 32 at most',
    ],
    [
      'several things',
      { ...GOOD, mode: 7, reason: 7 },
      'body.mode: must be one of observe, enforce, null; body.reason: must be string',
    ],
  ])('names %s', (_name, body, text) => {
    expect(said(body)).toBe(text);
  });
});

describe('the codes of the API', () => {
  it('are documented, each one that a route gives', () => {
    const api = new URL('../../../server/api/', import.meta.url);
    const sources = [...readdirSync(api).map((name) => new URL(name, api)), new URL('../app.ts', api)];
    const given = sources.flatMap((url) =>
      [...readFileSync(url, 'utf8').matchAll(/(?:code: |'FST_\w+', )'([A-Z_]+)'/g)].map(([, code]) => code),
    );
    const section =
      readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8').split('## API\n')[1] ?? '';
    const documented = [...section.matchAll(/^\| `([A-Z_]+)` \| \w+ \| (?:yes|no) \|/gm)].map(([, code]) => code);
    expect(new Set(documented)).toEqual(new Set([...given, 'REQUEST_FAILED']));
  });
});
