import { generateKeyPairSync } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { certificateFault, keyPairFaults } from '../pem-faults.ts';

const [root = ''] = rootCertificates;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const lockedPem = privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
  .toString();

describe('a file of certificates', () => {
  it('is sound where the first can be read, also with more behind it', () => {
    expect(certificateFault(root)).toBeUndefined();
    expect(certificateFault(rootCertificates.slice(0, 3).join('\n'))).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a key', keyPem],
    ['a certificate cut short', root.slice(0, 200)],
  ])('is refused with %s', (_name, text) => {
    expect(certificateFault(text)).toBe('holds no certificate in PEM');
  });
});

describe('certificate and key of a server', () => {
  it('are each named where they hold none, so that files taken for one another show', () => {
    expect(keyPairFaults(keyPem, root)).toEqual({
      cert: 'holds no certificate in PEM',
      key: 'holds no private key in PEM without a passphrase',
    });
    expect(keyPairFaults(root, lockedPem)).toEqual({ key: 'holds no private key in PEM without a passphrase' });
  });

  it('must belong together', () => {
    expect(keyPairFaults(root, keyPem)).toEqual({ key: 'is not the key of the certificate' });
  });
});
