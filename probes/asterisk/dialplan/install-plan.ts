import { includesIt, withIncludeLine, withoutIncludeLine } from './include-line.ts';
import { includeState, type Sha256Hex } from './sealed-include.ts';

/** The two files as they are; undefined where there is none. */
export type InstalledFiles = { readonly extensions: string | undefined; readonly include: string | undefined };

/** The two files as they should be, or why they cannot be, by file. `include` undefined: it is removed. */
export type InstallPlan =
  | { readonly ok: true; readonly extensions: string; readonly include: string | undefined }
  | { readonly ok: false; readonly file: 'extensions' | 'include'; readonly fault: string };

const MISSING = 'is not there: name the file with your dialplan by --extensions';

function editFault(files: InstalledFiles, sha256Hex: Sha256Hex): string | undefined {
  if (files.include === undefined) return undefined;
  const state = includeState(files.include, sha256Hex);
  if (state === 'foreign') return 'was not written by trunkward: --discard-edits puts it aside, into the backup';
  const lost = 'changes made in it would be lost: --discard-edits puts it aside, into the backup';
  return state === 'edited' ? `was edited since trunkward wrote it, and ${lost}` : undefined;
}

/**
 * What installing an include changes. Pure.
 *
 * @param include - the sealed text.
 * @param mayDiscard - an include that was edited, or that is not ours, may be replaced.
 */
export function planInstall(
  files: InstalledFiles,
  include: string,
  options: { readonly mayDiscard: boolean; readonly sha256Hex: Sha256Hex },
): InstallPlan {
  if (files.extensions === undefined) return { ok: false, file: 'extensions', fault: MISSING };
  const edited = options.mayDiscard ? undefined : editFault(files, options.sha256Hex);
  if (edited !== undefined) return { ok: false, file: 'include', fault: edited };
  const line = withIncludeLine(files.extensions);
  return line.ok ? { ok: true, extensions: line.text, include } : { ok: false, file: 'extensions', fault: line.fault };
}

/** What taking the include out changes: our line and the include. A line that was put by hand keeps it. */
export function planUninstall(
  files: InstalledFiles,
  options: { readonly mayDiscard: boolean; readonly sha256Hex: Sha256Hex },
): InstallPlan {
  if (files.extensions === undefined) return { ok: false, file: 'extensions', fault: MISSING };
  const edited = options.mayDiscard ? undefined : editFault(files, options.sha256Hex);
  if (edited !== undefined) return { ok: false, file: 'include', fault: edited };
  const line = withoutIncludeLine(files.extensions);
  if (!line.ok) return { ok: false, file: 'extensions', fault: line.fault };
  const isHeld = files.include !== undefined && includesIt(line.text);
  if (isHeld)
    return { ok: false, file: 'extensions', fault: 'includes it by a line that was put by hand: take that out first' };
  return { ok: true, extensions: line.text, include: undefined };
}
