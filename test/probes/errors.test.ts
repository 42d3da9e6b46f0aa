import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AMI_RETRYABLE, AmiError, type AmiErrorCode } from '../../probes/asterisk/ami/ami-error.ts';
import { PROBE_ERROR_CODES } from '../../probes/errors.ts';
import { OUTBOX_RETRYABLE, OutboxError, type OutboxErrorCode } from '../../probes/uplink/outbox-error.ts';

/** Rows of the table under `## Probe`: code and whether a retry may help. */
function documented(): ReadonlyMap<string, boolean> {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const section = /^## Probe\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([A-Z_]+)` \| (yes|no) \|/gm)];
  expect(new Set(rows.map(([, code]) => code)).size).toBe(rows.length);
  return new Map(rows.map(([, code = '', retry]) => [code, retry === 'yes']));
}

test('docs/errors.md names every code of the probe and no other', () => {
  expect([...documented().keys()].toSorted()).toEqual([...PROBE_ERROR_CODES].toSorted());
});

test('every AmiError and OutboxError carries its own code, and the retry that the document gives it', () => {
  const cause = new Error('why');
  const errors = [
    ...(Object.keys(AMI_RETRYABLE) as AmiErrorCode[]).map((code) => new AmiError(code, 'text', { cause })),
    ...(Object.keys(OUTBOX_RETRYABLE) as OutboxErrorCode[]).map((code) => new OutboxError(code, 'text', { cause })),
  ];
  expect(errors.every((error) => error.cause === cause)).toBe(true);
  expect(new Map(errors.map(({ code, retryable }) => [code as string, retryable]))).toEqual(documented());
});
