import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Share, Spent } from './test-call-budget.ts';
import { type JournalRecord, type LeftCall, parseRecord } from './test-call-record.ts';

/** Days that are kept of what was spent. */
const KEPT_DAYS = 3;

/**
 * Journal of test calls: what was spent, and every call that may be up. A record is on the disk when its append resolves, so
 * a crash leaves no call that nobody knows of. The file is written anew at each opening, spent days summed up.
 */
export class TestCallStore {
  /** Why part of the file could not be read; the rest was. */
  readonly fault: string | undefined;
  readonly #file: FileHandle;
  readonly #spent = new Map<string, Spent[]>();
  readonly #left = new Map<string, LeftCall>();
  #tail: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, records: readonly JournalRecord[], fault: string | undefined) {
    this.#file = file;
    this.fault = fault;
    for (const record of records) this.#apply(record);
  }

  /**
   * Reads the journal and begins a new file with what still counts.
   *
   * @param dataDir - folder of the probe, made where it is missing.
   * @throws the system's error where the folder cannot be used.
   */
  static async open(dataDir: string): Promise<TestCallStore> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const path = join(dataDir, 'test-calls.jsonl');
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return '';
      throw cause;
    });
    const lines = text.split('\n').filter((line) => line !== '');
    const parsed = lines.map(parseRecord);
    const bad = parsed.flatMap((record, at) => (record ? [] : [at + 1]));
    const fault =
      bad.length === 0 ? undefined : `${path}: ${bad.length} lines are not as they were written, first ${bad[0]}`;
    if (fault !== undefined) await rename(path, `${path}.damaged`);
    const file = await open(`${path}.next`, 'w', 0o600);
    const store = new TestCallStore(
      file,
      parsed.flatMap((record) => (record ? [record] : [])),
      fault,
    );
    await file.appendFile(
      store
        .#compact()
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(''),
    );
    await file.sync();
    await rename(`${path}.next`, path);
    const folder = await open(dataDir, 'r');
    await folder.sync();
    await folder.close();
    return store;
  }

  /** What calls to this target have used, by day. */
  spent(target: string): readonly Spent[] {
    return this.#spent.get(target) ?? [];
  }

  /** What calls have used, by target and day. */
  spentOfAll(): ReadonlyMap<string, readonly Spent[]> {
    return this.#spent;
  }

  /** Calls not closed, of this run and the ones before. */
  get openCalls(): readonly LeftCall[] {
    return [...this.#left.values()];
  }

  /** Writes one record; resolves when it is on the disk. Counted at once, so that two calls cannot hold the same money. */
  append(record: JournalRecord): Promise<void> {
    this.#apply(record);
    const line = `${JSON.stringify(record)}\n`;
    const written = this.#tail.then(() => this.#write(line));
    this.#tail = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#file.close();
  }

  async #write(line: string): Promise<void> {
    await this.#file.appendFile(line);
    await this.#file.datasync();
  }

  #apply(record: JournalRecord): void {
    switch (record.kind) {
      case 'open': {
        const known = this.#left.get(record.id);
        if (!known) this.#add(record.target, record.held, 1);
        this.#left.set(record.id, record);
        return;
      }
      case 'closed': {
        const left = this.#left.get(record.id);
        if (!left) return;
        this.#left.delete(record.id);
        this.#add(left.target, negative(left.held), 0);
        this.#add(left.target, record.used, 0);
        return;
      }
      case 'spent':
        this.#add(record.target, record, record.calls);
        return;
      default:
        record satisfies never;
    }
  }

  #add(target: string, { day, micros, seconds }: Share, calls: number): void {
    const days = this.#spent.get(target) ?? [];
    const before = days.find((each) => each.day === day) ?? { day, calls: 0, seconds: 0, micros: 0 };
    const sum = { day, calls: before.calls + calls, seconds: before.seconds + seconds, micros: before.micros + micros };
    const rest = days.filter((each) => each.day !== day);
    this.#spent.set(target, [...rest, sum].toSorted((a, b) => (a.day < b.day ? -1 : 1)).slice(-KEPT_DAYS));
  }

  /** Records that say the same; calls left open are counted by their own. */
  #compact(): readonly JournalRecord[] {
    const opens = this.openCalls.map((left): JournalRecord => ({ ...left, kind: 'open' }));
    const spent = [...this.#spent].flatMap(([target, days]) =>
      days.map(({ calls, day, micros, seconds }): JournalRecord => {
        const own = this.openCalls.filter((left) => left.target === target && left.held.day === day);
        return {
          kind: 'spent',
          target,
          day,
          calls: calls - own.length,
          seconds: own.reduce((sum, { held }) => sum - held.seconds, seconds),
          micros: own.reduce((sum, { held }) => sum - held.micros, micros),
        };
      }),
    );
    return [...spent, ...opens];
  }
}

function negative({ day, micros, seconds }: Share): Share {
  return { day, micros: -micros, seconds: -seconds };
}
