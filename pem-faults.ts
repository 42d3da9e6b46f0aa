import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What keeps the text of a file from being certificates in PEM, in a few words; undefined where the first one can be read. */
export function certificateFault(pem: string): string | undefined {
  return certificateOf(pem) === undefined ? 'holds no certificate in PEM' : undefined;
}

/**
 * What keeps two texts from being the certificate and the key of a server.
 *
 * @returns one sentence for each of the two, undefined for a good one; that they do not belong together is the key's.
 */
export function keyPairFaults(certPem: string, keyPem: string): { readonly cert?: string; readonly key?: string } {
  const cert = certificateOf(certPem);
  const key = privateKeyOf(keyPem);
  const isStranger = cert !== undefined && key !== undefined && !cert.checkPrivateKey(key);
  return {
    ...(cert === undefined && { cert: 'holds no certificate in PEM' }),
    ...(key === undefined && { key: 'holds no private key in PEM without a passphrase' }),
    ...(isStranger && { key: 'is not the key of the certificate' }),
  };
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function privateKeyOf(pem: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
