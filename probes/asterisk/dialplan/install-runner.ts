import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sha256Hex } from './digest-client.ts';
import { INCLUDE_NAME } from './include-line.ts';
import { type InstalledFiles, planInstall, planUninstall } from './install-plan.ts';
import { sealInclude } from './sealed-include.ts';
import { unifiedDiff } from './unified-diff.ts';
import { BACKUP_SUFFIX, readIfThere, removeFile, replaceFile } from './whole-file-store.ts';

/** Longest that Asterisk may take to load a dialplan. */
const RELOAD_TIMEOUT_MS = 30_000;

/** What to do, and how to speak with the person who asked for it. */
export type InstallRequest = {
  /** File that gets, or loses, the `#include` line. */
  readonly extensionsFile: string;
  /** Contexts to install; undefined: what is installed is taken out. */
  readonly contexts: string | undefined;
  readonly mayDiscard: boolean;
  readonly mayReload: boolean;
  readonly say: (text: string) => void;
  /** Called once, after the diff, where something would change; undefined: there is nobody to ask. */
  readonly mayChange: () => Promise<boolean | undefined>;
};

/** What came of it: `refused` names the file and why. */
export type InstallOutcome =
  | { readonly kind: 'done' | 'declined' | 'nobody-to-ask' }
  | { readonly kind: 'refused' | 'not-loaded'; readonly place: string; readonly fault: string };

async function asterisk(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('asterisk', ['-rx', command], { timeout: RELOAD_TIMEOUT_MS });
  return stdout;
}

/** Reloads, and looks whether Asterisk has the include afterwards, or no longer. */
async function reload(isWanted: boolean): Promise<string | undefined> {
  try {
    await asterisk('dialplan reload');
    const isThere = (await asterisk('dialplan show trunkward-outbound')).includes("Context 'trunkward-outbound'");
    if (isThere === isWanted) return undefined;
    return isWanted ? 'is not among the contexts after the reload' : 'is still among the contexts after the reload';
  } catch (cause) {
    return `Asterisk did not reload: ${cause instanceof Error ? cause.message.trim() : String(cause)}`;
  }
}

async function readBoth(extensionsFile: string, includeFile: string): Promise<InstalledFiles> {
  return { extensions: await readIfThere(extensionsFile), include: await readIfThere(includeFile) };
}

/**
 * Installs or takes out the include: plans, shows, asks, writes, and reloads where that was asked for. The include is there before the
 * line that names it, and goes after it, so that a reload in between finds a whole dialplan. May be called again: what is done
 * already is not done twice.
 *
 * @throws what the file system says where a file cannot be read or written.
 */
export async function runInstall(request: InstallRequest): Promise<InstallOutcome> {
  const { contexts, extensionsFile, mayDiscard, mayReload, say } = request;
  const includeFile = join(dirname(extensionsFile), INCLUDE_NAME);
  const before = await readBoth(extensionsFile, includeFile);
  const options = { mayDiscard, sha256Hex };
  const plan =
    contexts === undefined
      ? planUninstall(before, options)
      : planInstall(before, sealInclude(contexts, sha256Hex), options);
  if (!plan.ok) {
    return { kind: 'refused', place: plan.file === 'include' ? includeFile : extensionsFile, fault: plan.fault };
  }
  const diff =
    unifiedDiff(includeFile, before.include, plan.include) +
    unifiedDiff(extensionsFile, before.extensions, plan.extensions);
  if (diff === '') say('nothing to change\n');
  else {
    say(diff);
    const mayChange = await request.mayChange();
    if (mayChange !== true) return { kind: mayChange === false ? 'declined' : 'nobody-to-ask' };
    const now = await readBoth(extensionsFile, includeFile);
    if (now.extensions !== before.extensions || now.include !== before.include) {
      return { kind: 'refused', place: extensionsFile, fault: 'or the include was changed by somebody else meanwhile' };
    }
    const isNewLine = plan.extensions !== before.extensions;
    if (plan.include !== undefined && plan.include !== before.include) {
      await replaceFile(includeFile, plan.include, extensionsFile);
    }
    if (isNewLine) await replaceFile(extensionsFile, plan.extensions, extensionsFile);
    if (plan.include === undefined && before.include !== undefined) await removeFile(includeFile);
    say(`changed; what was there before is kept with ${BACKUP_SUFFIX} at its end\n`);
  }
  const fault = mayReload ? await reload(contexts !== undefined) : undefined;
  if (fault !== undefined) return { kind: 'not-loaded', place: 'trunkward-outbound', fault };
  if (mayReload) say('Asterisk has loaded its dialplan anew\n');
  else if (diff !== '') say("not in force before: asterisk -rx 'dialplan reload'\n");
  return { kind: 'done' };
}
