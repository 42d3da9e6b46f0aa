import { describe, expect, it } from 'vitest';
import { childOf } from './store-child.ts';
import { connectionFor, DRIVERS, rowsOf, temporaryFile, until } from './store-fixture.ts';

/** Lines after which each round is killed; fixed, so that a failure can be repeated. */
const KILL_AFTER_LINES = [61, 377, 1024];

describe.each(DRIVERS)('kill -9 under %s', (driver) => {
  it('loses nothing acknowledged and leaves the database whole (rule 8)', { timeout: 60_000 }, async () => {
    const file = temporaryFile();
    const entries = new Map<number, string>();
    const events = new Set<string>();
    for (const [round, lines] of KILL_AFTER_LINES.entries()) {
      const child = childOf('append-child.ts', [driver, file, String(round)]);
      await until(() => child.lines().length >= lines, 15_000);
      child.kill();
      expect(await child.ended()).toMatchObject({ signal: 'SIGKILL' });
      for (const line of child.lines()) {
        const [kind, first, second] = line.split(' ');
        if (kind === 'j') entries.set(Number(first), `entry ${second}`);
        else events.add(`outbox-${round}/${first}`);
      }
    }
    expect(entries.size + events.size).toBeGreaterThanOrEqual(61 + 377 + 1024);

    const connection = await connectionFor(driver, file);
    expect(await rowsOf(connection, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(await rowsOf(connection, 'pragma foreign_key_check')).toEqual([]);
    const sentences = new Map(
      (await rowsOf(connection, 'select id, sentence from journal')).map((row) => [row['id'], row['sentence']]),
    );
    expect([...entries].filter(([id, sentence]) => sentences.get(id) !== sentence)).toEqual([]);
    const stored = new Set(
      (await rowsOf(connection, "select outbox_id || '/' || sequence as name from probe_events")).map(
        (row) => row['name'],
      ),
    );
    expect([...events].filter((name) => !stored.has(name))).toEqual([]);
  });
});
