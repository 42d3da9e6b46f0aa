import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HUB_ERROR_CODES, HubError, RETRYABLE_CODES, StoreError } from '../../server/errors.ts';

const documented = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  .split(/^## /m)
  .find((section) => section.startsWith('Hub\n'))
  ?.split('\n')
  .flatMap((line) => {
    const [, code, again] = /^\| `([A-Z0-9_]+)` \| (yes|no) \|/.exec(line) ?? [];
    return code === undefined || again === undefined ? [] : [{ code, isRetryable: again === 'yes' }];
  });

describe('hub errors', () => {
  it('are documented one for one, with whether to try again', () => {
    const listed = HUB_ERROR_CODES.map((code) => ({ code, isRetryable: RETRYABLE_CODES.has(code) }));
    expect(documented).toEqual(listed);
  });

  it('name no code twice', () => {
    expect(new Set(HUB_ERROR_CODES).size).toBe(HUB_ERROR_CODES.length);
  });

  it('carry class name, code, retryable and cause', () => {
    const cause = new Error('disk');
    const full = new StoreError('JOURNAL_UNWRITABLE', 'nothing can be written', { cause });
    expect(full).toBeInstanceOf(HubError);
    expect(full).toMatchObject({ name: 'StoreError', code: 'JOURNAL_UNWRITABLE', retryable: true, cause });
    expect(new StoreError('STORE_SCHEMA_NEWER', 'newer')).toMatchObject({ retryable: false });
    expect(new HubError('STORE_CLOSED', 'closed').name).toBe('HubError');
  });
});
