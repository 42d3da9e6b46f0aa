import { describe, expect, it } from 'vitest';
import { asteriskLog, shownTlsFault } from '../../probes/connection-log.ts';

function log() {
  const lines: string[] = [];
  const line = (level: string) => (fields: object, text: string) =>
    lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  return { lines, tell: asteriskLog({ info: line('info'), warn: line('warn') }) };
}
const lost = (code: 'AMI_CONNECT_FAILED' | 'AMI_LOGIN_REFUSED', reason: string) =>
  ({ kind: 'lost', code, reason, retryInMs: 5 }) as const;

describe('the log of the connection to Asterisk', () => {
  it('says why it is not reached, once for each reason, and again after it was', () => {
    const { lines, tell } = log();
    tell({ kind: 'connecting' });
    tell(lost('AMI_CONNECT_FAILED', 'connect ECONNREFUSED 127.0.0.1:5038'));
    tell(lost('AMI_CONNECT_FAILED', 'connect ECONNREFUSED 127.0.0.1:5038'));
    tell(lost('AMI_LOGIN_REFUSED', 'Authentication failed'));
    tell({ kind: 'connected', amiVersion: '11.0.0' });
    tell(lost('AMI_LOGIN_REFUSED', 'Authentication failed'));
    expect(lines.map((line) => line.replace(/^(\w+) .*?"(?:code|amiVersion)":"([^"]+)".*/, '$1 $2'))).toEqual([
      'warn AMI_CONNECT_FAILED',
      'warn AMI_LOGIN_REFUSED',
      'info 11.0.0',
      'warn AMI_LOGIN_REFUSED',
    ]);
  });
});

describe('a certificate of the hub that is not known', () => {
  it.each([
    'self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca',
    'self-signed certificate in certificate chain',
    'unable to verify the first certificate',
  ])('says which key of the file would name it: %s', (reason) => {
    expect(shownTlsFault(reason)).toMatch(/certificate.*: name the hub's certificate.* as hub\.caFile$/);
    expect(shownTlsFault(reason)).not.toContain('Node.js');
  });

  it('leaves other reasons as they are', () => {
    expect(shownTlsFault('connect ECONNREFUSED 192.0.2.1:8480')).toBe('connect ECONNREFUSED 192.0.2.1:8480');
  });
});
