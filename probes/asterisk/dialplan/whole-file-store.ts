import { chown, copyFile, open, readFile, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is added to a file's name for the copy of what was there before. */
export const BACKUP_SUFFIX = '.trunkward-backup';

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

/** The text of a file, or undefined where there is none. Throws what the system says of any other trouble. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Where a file really is: the end of its links, or its own name while there is none. */
async function placeOf(file: string): Promise<string> {
  return await realpath(file).catch((cause: unknown) => {
    if (isMissing(cause)) return file;
    throw cause;
  });
}

/** Keeps a copy with owner and rights of the file, over an older copy. Nothing where there is no file. */
async function backUp(file: string): Promise<void> {
  const owner = await stat(file).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    throw cause;
  });
  if (owner === undefined) return;
  const copy = `${file}${BACKUP_SUFFIX}`;
  await copyFile(file, copy);
  if (owner.uid !== process.getuid?.()) await chown(copy, owner.uid, owner.gid);
}

/**
 * Writes a file whole or not at all: beside it, synced, renamed over it. What was there is kept as `FILE.trunkward-backup`. A
 * symbolic link stays one.
 *
 * @param like - whose owner and rights a new file takes; an old one keeps its own.
 */
export async function replaceFile(file: string, text: string, like: string): Promise<void> {
  const place = await placeOf(file);
  const model = await stat(place).catch(async (cause: unknown) => {
    if (isMissing(cause)) return await stat(like);
    throw cause;
  });
  await backUp(place);
  const fresh = `${place}.trunkward-new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(text, 'utf8');
    if (model.uid !== process.getuid?.() || model.gid !== process.getgid?.()) await handle.chown(model.uid, model.gid);
    await handle.chmod(model.mode & 0o777);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, place);
  await syncFolder(dirname(place));
}

/** Takes a file away, and keeps what was there as `FILE.trunkward-backup`. */
export async function removeFile(file: string): Promise<void> {
  await backUp(await placeOf(file));
  await unlink(file);
  await syncFolder(dirname(file));
}
