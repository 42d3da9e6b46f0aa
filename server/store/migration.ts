/** One step of the schema. Each statement is run alone; a trigger counts as one. */
export type Migration = {
  /** 1, 2, 3, …, without a gap. */
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
};

/** A migration as the file remembers it. `checksum` is the SHA-256 of its statements, hex. */
export type AppliedMigration = { readonly version: number; readonly name: string; readonly checksum: string };

/** What is to be done to a file, or why it is not to be touched. */
export type MigrationPlan =
  | { readonly kind: 'apply'; readonly pending: readonly Migration[] }
  | { readonly kind: 'newer'; readonly fileVersion: number; readonly programVersion: number }
  | { readonly kind: 'altered'; readonly version: number; readonly detail: string };

/**
 * Compares what a file has with what this program knows.
 *
 * @param applied - in order of version, as recorded in the file.
 * @param known - this program's migrations with their checksums, in order of version.
 */
export function planMigrations(
  applied: readonly AppliedMigration[],
  known: readonly (Migration & { readonly checksum: string })[],
): MigrationPlan {
  const fileVersion = applied.at(-1)?.version ?? 0;
  const programVersion = known.at(-1)?.version ?? 0;
  if (fileVersion > programVersion) return { kind: 'newer', fileVersion, programVersion };
  for (const [index, { version, checksum }] of applied.entries()) {
    const counterpart = known[index];
    if (counterpart?.version !== version) {
      return { kind: 'altered', version, detail: `expected migration ${counterpart?.version} in its place` };
    }
    if (counterpart.checksum !== checksum) {
      return { kind: 'altered', version, detail: `checksum ${checksum} is not ${counterpart.checksum}` };
    }
  }
  return { kind: 'apply', pending: known.slice(applied.length) };
}
