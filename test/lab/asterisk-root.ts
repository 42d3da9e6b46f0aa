import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, tryRun } from './command.ts';
import { readDebianMirror } from './debian-mirror.ts';

/** A directory with a whole Debian unstable and Asterisk 22 in it, used read-only by every instance. */
export type AsteriskRoot = { readonly path: string; readonly version: string; readonly builtNow: boolean };

/** Where built things are kept between runs: `TRUNKWARD_LAB_CACHE`, else `/var/cache/trunkward-lab`. */
export function cacheFolder(): string {
  return process.env['TRUNKWARD_LAB_CACHE'] ?? '/var/cache/trunkward-lab';
}

async function versionOf(path: string): Promise<string | undefined> {
  const { exitCode, stdout } = await tryRun(['chroot', path, 'asterisk', '-V']);
  return exitCode === 0 && stdout.startsWith('Asterisk 22') ? stdout.trim() : undefined;
}

/** Removes half-built roots whose builder is gone; the builder's pid is in the name. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /^building-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || (await stat(`/proc/${pid}`).catch(() => undefined)) !== undefined) continue;
    await rm(join(cache, name), { recursive: true, force: true });
  }
}

/**
 * Gives the cached Asterisk root, building it by debootstrap (about a minute, 500 MB) when there is none.
 * It is built beside its place, in a mount namespace of its own, and renamed last, so an interrupted build is never
 * taken for a good one and leaves no mount behind.
 *
 * @throws Error when debootstrap fails or the archive's Asterisk is not version 22.
 * @see debootstrap(8)
 */
export async function ensureAsteriskRoot(): Promise<AsteriskRoot> {
  const cache = cacheFolder();
  const path = join(cache, 'asterisk-22');
  const marker = join(path, '.trunkward-lab-complete');
  if ((await stat(marker).catch(() => undefined)) !== undefined) {
    const version = await versionOf(path);
    if (version !== undefined) return { path, version, builtNow: false };
  }
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const building = join(cache, `building-${process.pid}`);
  const mirror = await readDebianMirror();
  try {
    await run(
      [
        'unshare',
        '--mount',
        'debootstrap',
        '--variant=minbase',
        '--include=asterisk,asterisk-modules',
        ...(mirror.keyring === undefined ? [] : [`--keyring=${mirror.keyring}`]),
        'sid',
        building,
        mirror.uri,
      ],
      { timeoutMs: 900_000 },
    );
    const version = await versionOf(building);
    if (version === undefined) throw new Error('the archive holds no Asterisk 22 in unstable');
    // Places for each instance to mount its own files on.
    for (const name of ['etc/hosts', 'etc/resolv.conf']) await writeFile(join(building, name), '');
    await writeFile(join(building, '.trunkward-lab-complete'), `${version}\n`);
    await rm(path, { recursive: true, force: true });
    await rename(building, path);
    return { path, version, builtNow: true };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}
