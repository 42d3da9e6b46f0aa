import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { certificateFault, keyPairFaults } from './pem-faults.ts';
import type { SchemaFault } from './wire/schema-faults.ts';
import { tokenFault } from './wire/token.ts';

/** A fault where a file cannot be read; it is not opened, for it may be a pipe. */
export function unreadableFile(path: string, file: string | undefined): readonly SchemaFault[] {
  if (file === undefined) return [];
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isDirectory() ? [{ path, message: `${file} is a folder` }] : [];
  } catch (cause) {
    return [{ path, message: cause instanceof Error ? cause.message : 'unreadable' }];
  }
}

/** A fault where a file holds no certificate in PEM; none where no file is named. */
export function badCertificate(path: string, file: string | undefined): readonly SchemaFault[] {
  const unreadable = unreadableFile(path, file);
  if (file === undefined || unreadable.length > 0) return unreadable;
  const fault = certificateFault(readFileSync(file, 'utf8'));
  return fault === undefined ? [] : [{ path, message: `${file} ${fault}` }];
}

/** Faults of the two files of `listen.tls`, which must belong together. */
export function badKeyPair(certFile: string, keyFile: string): readonly SchemaFault[] {
  const [certPath, keyPath] = ['listen.tls.certFile', 'listen.tls.keyFile'];
  const unreadable = [...unreadableFile(certPath, certFile), ...unreadableFile(keyPath, keyFile)];
  if (unreadable.length > 0) return unreadable;
  const { cert, key } = keyPairFaults(readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8'));
  return [
    ...(cert === undefined ? [] : [{ path: certPath, message: `${certFile} ${cert}` }]),
    ...(key === undefined ? [] : [{ path: keyPath, message: `${keyFile} ${key}` }]),
  ];
}

/** One fault in place of twenty where the files of hub and probe were taken for one another. */
export function mistakenFile(document: unknown, command: 'hub' | 'probe'): readonly SchemaFault[] {
  const has = (key: string) => typeof document === 'object' && document !== null && Object.hasOwn(document, key);
  const looksLike = has('pbxes') && !has('ami') ? 'hub' : has('ami') && !has('pbxes') ? 'probe' : command;
  return looksLike === command
    ? []
    : [{ path: '(file)', message: `this is the configuration of a ${looksLike}, and a ${command}'s is needed` }];
}

/** A fault where a file holds no text that can be sent as a bearer token. */
export function badTokenFile(path: string, file: string): readonly SchemaFault[] {
  const unreadable = unreadableFile(path, file);
  if (unreadable.length > 0) return unreadable;
  const fault = tokenFault(readFileSync(file, 'utf8').trim());
  return fault === undefined ? [] : [{ path, message: `${file}: ${fault}` }];
}
