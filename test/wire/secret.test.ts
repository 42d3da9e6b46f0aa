import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../wire/secret.ts';

const secret = new Secret('correct horse battery staple');

describe('a secret', () => {
  it.each([
    ['in a template', () => String.raw({ raw: ['', ''] }, secret)],
    ['by String', () => String(secret)],
    ['as JSON, deep in an object', () => JSON.stringify({ config: [{ token: secret }] })],
    ['by inspect', () => inspect({ token: secret }, { depth: 9, showHidden: true })],
    ['by format', () => format('%s %o %j', secret, secret, secret)],
    ['by its keys', () => JSON.stringify([Object.keys(secret), Object.entries(secret), Object.assign({}, secret)])],
    ['in an error', () => inspect(new Error('cannot use it', { cause: secret }))],
  ])('does not show itself %s (rule 10)', (_name, show) => {
    expect(show()).not.toContain('horse');
  });

  it('is given out where it is asked for', () => {
    expect(secret.reveal()).toBe('correct horse battery staple');
  });
});
