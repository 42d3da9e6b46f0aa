import { createHash } from 'node:crypto';
import type { HubConfig } from '../../config-schema.ts';
import type { HubMetrics } from '../../metrics/registry-server.ts';
import type { JournalEntry } from '../../store/journal-store.ts';
import type { Json } from '../../store/json-value.ts';
import type { RateStore, StoredRateImport } from '../../store/rate-store.ts';
import { type DeckChanges, deckChanges } from './deck-changes.ts';
import { type DeckHow, deckGenerations, type Generation, type ImportedDeck, keptImports } from './deck-generations.ts';
import { DeckReader } from './deck-reader.ts';
import type { DeckRow, Reject } from './deck-row.ts';
import { type ExchangeTable, exchangeTable } from './exchange.ts';
import { explainRates, type RateQuestion, type RatesExplained } from './rate-explanation.ts';
import { keptRow, type StoredRow, storedRow } from './stored-row.ts';

/** Longest deck, bytes. */
export const MAX_DECK_BYTES = 67_108_864;
/** Rejects that an answer names; all are counted. */
const SHOWN_REJECTS = 200;

/** What is said of a deck before and after it is taken. */
export type DeckSummary = {
  readonly provider: string;
  readonly how: DeckHow;
  readonly fileName: string;
  readonly sha256: string;
  readonly rows: number;
  readonly blocked: number;
  /** Lines not taken; their prefixes are refused where they could be read. */
  readonly rejectCount: number;
  readonly rejects: readonly Reject[];
  readonly beginsAtEpochMs: number;
  readonly changes: DeckChanges;
};

/** A deck to be read. */
export type DeckOrder = {
  readonly provider: string;
  readonly how: DeckHow;
  readonly fileName: string;
  /** Begin of rows that name none; now when absent. */
  readonly fromEpochMs?: number | undefined;
  /** Take it though some lines are not; a preview does not ask. */
  readonly acceptRejects: boolean;
  readonly actor: string;
};

/** What became of a deck. */
export type DeckOutcome =
  | { readonly kind: 'read' | 'imported' | 'has-rejects'; readonly summary: DeckSummary; readonly importId?: number }
  | { readonly kind: 'useless'; readonly faults: readonly string[] }
  | { readonly kind: 'unknown-provider' | 'busy' | 'too-large' };

/** What the rates are kept by. */
export type RatesParts = {
  readonly store: RateStore;
  readonly config: Pick<HubConfig, 'providers' | 'spend'>;
  readonly metrics: Pick<HubMetrics, 'set' | 'count'>;
  readonly noted: (entry: JournalEntry) => void;
  readonly nowMs: () => number;
};

/** Holds the rate decks of all providers ready for looking up, and takes new ones. One deck is read at a time. */
export class RatesRunner {
  readonly #parts: RatesParts;
  readonly #table: ExchangeTable;
  readonly #generations = new Map<string, readonly Generation[]>();
  #imports: readonly StoredRateImport[] = [];
  #isReading = false;

  constructor(parts: RatesParts) {
    this.#parts = parts;
    const { currency, exchange } = parts.config.spend;
    const read = exchangeTable(currency, exchange);
    if (!read.ok) throw new Error(`spend.exchange was not checked: ${read.wrong.join()}`);
    this.#table = read.table;
  }

  /** Reads what earlier lives of the hub imported, and lets go what no call can ask for any more. */
  async load(): Promise<void> {
    this.#imports = await this.#parts.store.list();
    for (const { provider } of this.#parts.config.providers) await this.#build(provider);
  }

  /** Price lists of a provider, oldest first. */
  generationsOf(provider: string): readonly Generation[] {
    return this.#generations.get(provider) ?? [];
  }

  /** What calls to a number cost at each provider, and why; see {@link explainRates}. */
  explain(question: RateQuestion): Promise<RatesExplained> | RatesExplained {
    const { config, nowMs } = this.#parts;
    const names = config.providers.map(({ provider }) => provider);
    const providers = question.provider === undefined ? names : names.filter((name) => name === question.provider);
    return explainRates(question, {
      spend: config.spend,
      atEpochMs: question.atEpochMs ?? nowMs(),
      decks: providers.map((provider) => ({ provider, generations: this.generationsOf(provider) })),
      imports: this.#imports,
    });
  }

  /** Reads a deck and says what taking it would mean. */
  preview(order: DeckOrder, text: AsyncIterable<Uint8Array>): Promise<DeckOutcome> {
    return this.#alone(async () => (await this.#read(order, text)).outcome);
  }

  /** Reads a deck and takes it: resolves when it is on disk, in the journal and in force. */
  import(order: DeckOrder, text: AsyncIterable<Uint8Array>): Promise<DeckOutcome> {
    return this.#alone(async () => {
      const { outcome, rows } = await this.#read(order, text);
      if (outcome.kind !== 'read') return outcome;
      const { summary } = outcome;
      if (summary.rejectCount > 0 && !order.acceptRejects) return { kind: 'has-rejects', summary };
      const { beginsAtEpochMs, fileName, how, provider, rejectCount, sha256 } = summary;
      const words = how === 'replace' ? 'replaces the prices of' : 'is merged into the prices of';
      const { entry, importId } = await this.#parts.store.add(
        { provider, how, actor: order.actor, fileName, sha256, rowCount: rows.length, rejectCount, beginsAtEpochMs },
        rows.map((row) => storedRow(row) as Json),
        {
          kind: 'rates-imported',
          actor: order.actor,
          scope: { provider },
          sentence: `deck ${fileName} of ${rows.length} rows ${words} ${provider}; ${rejectCount} lines were not taken`,
          detail: { fileName, sha256, rows: rows.length, rejects: rejectCount, beginsAtEpochMs, ...summary.changes },
        },
      );
      this.#parts.noted(entry);
      this.#parts.metrics.count('rateLinesRejected', { provider }, rejectCount);
      this.#imports = await this.#parts.store.list();
      await this.#build(provider, { importId, rows });
      return { kind: 'imported', summary, importId };
    });
  }

  /** Sets the gauges of what is in force; to be called from time to time, since lists come into force by themselves. */
  observe(): void {
    const { config, metrics, nowMs } = this.#parts;
    for (const { provider } of config.providers) {
      const current = this.generationsOf(provider).findLast((each) => each.beginsAtEpochMs <= nowMs());
      const newest = this.#imports.findLast((each) => current?.importIds.includes(each.importId));
      metrics.set('rateRows', current?.rowCount ?? 0, { provider });
      if (newest) metrics.set('rateDeckAge', Math.max(0, nowMs() - newest.importedAtEpochMs) / 1000, { provider });
    }
  }

  async #alone(task: () => Promise<DeckOutcome>): Promise<DeckOutcome> {
    if (this.#isReading) return { kind: 'busy' };
    this.#isReading = true;
    try {
      return await task();
    } finally {
      this.#isReading = false;
    }
  }

  async #read(
    order: DeckOrder,
    text: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly outcome: DeckOutcome; readonly rows: readonly DeckRow[] }> {
    const { config, nowMs } = this.#parts;
    const of = config.providers.find(({ provider }) => provider === order.provider);
    if (!of) return { outcome: { kind: 'unknown-provider' }, rows: [] };
    const reader = new DeckReader({
      layout: of.rates,
      defaultCurrency: of.rates.currency ?? config.spend.currency,
      currencies: new Set(this.#table.keys()),
      fromEpochMs: order.fromEpochMs ?? Math.floor(nowMs()),
      zone: of.timeZone ?? 'UTC',
    });
    const hash = createHash('sha256');
    const decoder = new TextDecoder();
    let bytes = 0;
    for await (const part of text) {
      bytes += part.byteLength;
      if (bytes > MAX_DECK_BYTES) return { outcome: { kind: 'too-large' }, rows: [] };
      hash.update(part);
      reader.feed(decoder.decode(part, { stream: true }));
    }
    reader.feed(decoder.decode());
    const read = reader.end();
    if (!read.ok) return { outcome: { kind: 'useless', faults: read.faults }, rows: [] };
    const { rejects, rows } = read;
    const beginsAtEpochMs = rows.reduce((least, row) => Math.min(least, row.fromEpochMs), Number.POSITIVE_INFINITY);
    const summary: DeckSummary = {
      provider: order.provider,
      how: order.how,
      fileName: order.fileName,
      sha256: hash.digest('hex'),
      rows: rows.length,
      blocked: rows.filter(({ state }) => state === 'blocked').length,
      rejectCount: rejects.length,
      rejects: rejects.slice(0, SHOWN_REJECTS),
      beginsAtEpochMs,
      changes: deckChanges(rows, this.generationsOf(order.provider), beginsAtEpochMs, this.#table),
    };
    return { outcome: { kind: 'read', summary }, rows };
  }

  async #build(
    provider: string,
    fresh?: { readonly importId: number; readonly rows: readonly DeckRow[] },
  ): Promise<void> {
    const decks: ImportedDeck[] = [];
    for (const { beginsAtEpochMs, how, importId, provider: own } of this.#imports) {
      if (own !== provider) continue;
      const rows = importId === fresh?.importId ? fresh.rows : await this.#rowsOf(importId);
      decks.push({ importId, how, beginsAtEpochMs, rows });
    }
    const generations = deckGenerations(decks, this.#table);
    const kept = keptImports(generations, this.#parts.nowMs());
    const gone = decks.filter(({ importId }) => !kept.has(importId)).map(({ importId }) => importId);
    this.#generations.set(
      provider,
      generations.filter(({ importIds }) => importIds.every((id) => kept.has(id))),
    );
    await this.#parts.store.remove(gone);
    this.#imports = this.#imports.filter(({ importId }) => !gone.includes(importId));
    this.observe();
  }

  async #rowsOf(importId: number): Promise<readonly DeckRow[]> {
    const rows: DeckRow[] = [];
    for await (const part of this.#parts.store.rows(importId)) {
      for (const row of part) rows.push(keptRow(row as unknown as StoredRow));
    }
    return rows;
  }
}
