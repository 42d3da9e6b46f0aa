import type { LiveChange, LiveJournalEntry } from '../wire/live.ts';
import { StoreError } from './errors.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import type { Store } from './store/database-store.ts';
import type { JournalEntry, NewJournalEntry } from './store/journal-store.ts';

/** How many entries a new view is shown. */
const SHOWN_ENTRIES = 100;

/** An entry of the same kind and place is written at most once in so long where it may come in floods. */
const FLOOD_GAP_MS = 60_000;

/**
 * Writes the journal, and tells views and metrics of each entry that is on disk. Keeps the newest entries at hand for
 * new views.
 */
export class JournalRunner {
  readonly #store: Store;
  readonly #metrics: HubMetrics;
  readonly #publish: (changes: readonly LiveChange[]) => void;
  readonly #onFault: (place: string, cause: unknown) => void;
  readonly #lastFloodAtMs = new Map<string, number>();
  #latest: readonly LiveJournalEntry[] = [];

  constructor(
    store: Store,
    metrics: HubMetrics,
    publish: (changes: readonly LiveChange[]) => void,
    onFault: (place: string, cause: unknown) => void,
  ) {
    this.#store = store;
    this.#metrics = metrics;
    this.#publish = publish;
    this.#onFault = onFault;
  }

  /** Newest first. */
  get latest(): readonly LiveJournalEntry[] {
    return this.#latest;
  }

  /** Reads the newest entries of earlier lives of the hub. */
  async load(): Promise<void> {
    const page = await this.#store.journal.list({ limit: SHOWN_ENTRIES, order: 'newest' });
    this.#latest = page.items.map(liveEntry);
  }

  /** Notes an entry that is on disk already, such as one written together with a plan. */
  noted(entry: JournalEntry): void {
    const live = liveEntry(entry);
    this.#latest = [live, ...this.#latest].slice(0, SHOWN_ENTRIES);
    this.#metrics.count('journalEntries', { kind: entry.kind });
    this.#publish([{ kind: 'journal', value: live }]);
  }

  /** Writes an entry that nothing waits for; where the disk takes no writes it is kept in memory, and marked. */
  write(entry: NewJournalEntry): void {
    this.append(entry).catch((cause: unknown) => this.#onFault('journal', cause));
  }

  /** Writes an entry; settles once it is on disk, or kept in memory where the disk takes no writes. */
  async append(entry: NewJournalEntry): Promise<void> {
    const written = await this.#store.journal.appendOrBuffer(entry);
    if (written.kind === 'written') this.noted(written.entry);
    else this.#onFault('journal', new StoreError('JOURNAL_UNWRITABLE', `an entry was ${written.kind}: ${entry.kind}`));
  }

  /**
   * Writes an entry unless one of the same kind and `place` was written within a minute: for what an ill-behaved peer
   * can bring about at will. The counters in the metrics miss nothing.
   */
  writeSparsely(entry: NewJournalEntry, place: string, nowMs: number): void {
    const key = `${entry.kind} ${place}`;
    if (nowMs - (this.#lastFloodAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < FLOOD_GAP_MS) return;
    if (this.#lastFloodAtMs.size > 10_000) this.#lastFloodAtMs.clear();
    this.#lastFloodAtMs.set(key, nowMs);
    this.write(entry);
  }
}

function liveEntry(entry: JournalEntry): LiveJournalEntry {
  const { id, atEpochMs, kind, actor, sentence } = entry;
  return { id, atEpochMs, kind, actor, sentence };
}
