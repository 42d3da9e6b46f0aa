import { describe, expect, it } from 'vitest';
import { planMigrations } from '../../../server/store/migration.ts';
import { MIGRATIONS } from '../../../server/store/migration-list.ts';

const known = [1, 2, 3].map((version) => ({ version, name: `m${version}`, statements: [], checksum: `sum${version}` }));
const applied = (...versions: readonly number[]) =>
  versions.map((version) => ({ version, name: `m${version}`, checksum: `sum${version}` }));

describe('the plan of migrations', () => {
  it('applies all to an empty file and none to one that is up to date', () => {
    expect(planMigrations([], known)).toEqual({ kind: 'apply', pending: known });
    expect(planMigrations(applied(1, 2, 3), known)).toEqual({ kind: 'apply', pending: [] });
  });

  it('applies only what is missing', () => {
    expect(planMigrations(applied(1), known)).toEqual({ kind: 'apply', pending: known.slice(1) });
  });

  it('refuses a file newer than the program', () => {
    expect(planMigrations(applied(1, 2, 3, 4), known)).toEqual({ kind: 'newer', fileVersion: 4, programVersion: 3 });
  });

  it('refuses a file whose migrations are not ours', () => {
    const [first] = applied(1);
    expect(planMigrations([{ ...first, version: 1, name: 'm1', checksum: 'other' }], known)).toMatchObject({
      kind: 'altered',
      version: 1,
    });
    expect(planMigrations(applied(1, 3), known)).toMatchObject({ kind: 'altered', version: 3 });
  });

  it('finds our list numbered from 1 without a gap', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });
});
