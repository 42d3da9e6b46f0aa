import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

/** A certificate that signs itself, valid for one day, with its key; paths of PEM files and the certificate's text. */
export type Certificate = { readonly certFile: string; readonly keyFile: string; readonly text: string };

/** Makes a certificate for `hub.lab` and an IP address. @see openssl-req(1) */
export async function makeCertificate(folder: string, address: string): Promise<Certificate> {
  const certFile = join(folder, 'hub-cert.pem');
  const keyFile = join(folder, 'hub-key.pem');
  const key = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const names = ['-subj', '/CN=hub.lab', '-addext', `subjectAltName=DNS:hub.lab,IP:${address}`];
  await run(['openssl', 'req', ...key, ...names, '-days', '1', '-out', certFile]);
  return { certFile, keyFile, text: await readFile(certFile, 'utf8') };
}
