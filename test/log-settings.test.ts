import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { logSettings } from '../log-settings.ts';
import { Secret } from '../wire/secret.ts';

function logged(value: object): string {
  const lines: string[] = [];
  pino(logSettings('test'), { write: (line: string) => void lines.push(line) }).info(value, 'said');
  return lines.join('');
}

describe('the log of a program', () => {
  it.each([
    ['at the top', { token: 'hunter2-hunter2' }],
    ['one level down', { headers: { authorization: 'Bearer hunter2-hunter2' } }],
    ['two levels down', { call: { leg: { number: 'hunter2-hunter2' } } }],
    ['in a Secret', { anything: new Secret('hunter2-hunter2') }],
  ])('hides secrets and dialled numbers %s (rule 10)', (_name, value) => {
    const line = logged(value);
    expect(line).not.toContain('hunter2');
    expect(line).toContain('[redacted]');
  });

  it('says everything else as it is', () => {
    expect(logged({ pbx: 'fra-1', attempts: 3 })).toContain('"pbx":"fra-1","attempts":3');
  });
});
