import { readdir, readFile } from 'node:fs/promises';

/** Where this machine takes Debian from: an archive URI and the keyring that signs it, when one is named. */
export type DebianMirror = { readonly uri: string; readonly keyring: string | undefined };

const DEFAULT_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

function isArchive(uri: string): boolean {
  return /^(?:https?|file):\/\/\S+\/debian\/?$/.test(uri);
}

/**
 * Finds the Debian archive in one apt source file. Pure.
 *
 * @param text - content of a one-line (`deb [signed-by=…] URI suite component`) or deb822 (`URIs:`) file.
 * @returns the first URI whose path ends in `/debian`; `undefined` when the file has none. Security archives do not count.
 * @see sources.list(5)
 */
export function findDebianMirror(text: string): DebianMirror | undefined {
  for (const stanza of text.split(/\n\s*\n/)) {
    const lines = stanza.split('\n').filter((line) => !line.trimStart().startsWith('#'));
    const field = (name: string): string | undefined =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim();
    const uri = field('uris')?.split(/\s+/).find(isArchive);
    if (uri !== undefined && field('enabled') !== 'no') return { uri, keyring: field('signed-by') };
    for (const line of lines) {
      const oneLine = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s/.exec(line);
      if (oneLine?.[2] === undefined || !isArchive(oneLine[2])) continue;
      return { uri: oneLine[2], keyring: /signed-by=(\S+)/.exec(oneLine[1] ?? '')?.[1] };
    }
  }
  return undefined;
}

/**
 * Reads the machine's own apt configuration.
 *
 * @throws Error when no source names a Debian archive (not a Debian machine).
 */
export async function readDebianMirror(): Promise<DebianMirror> {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const paths = [
    '/etc/apt/sources.list',
    ...names.filter((name) => /\.(?:list|sources)$/.test(name)).map((name) => `${folder}/${name}`),
  ];
  for (const path of paths) {
    const mirror = findDebianMirror(await readFile(path, 'utf8').catch(() => ''));
    if (mirror !== undefined) return { uri: mirror.uri, keyring: mirror.keyring ?? DEFAULT_KEYRING };
  }
  throw new Error(`no Debian archive in ${paths.join(', ')}: the lab runs on Debian`);
}
