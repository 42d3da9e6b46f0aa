import type { ClassResult, Mode, WeightedTrunk } from '../../wire/plan.ts';
import { deliveryInsert, type NewDelivery } from './delivery-store.ts';
import { type JournalEntry, journalEntry, journalInserts, type NewJournalEntry } from './journal-store.ts';
import { jsonText, parseJson } from './json-value.ts';
import { cutPage, type Page, type PageRequest, pageBounds, wholeMs } from './page.ts';
import { build } from './query-builder.ts';
import type { PlanTable } from './schema.ts';
import type { StoreDatabase } from './store-database.ts';

/** Route of one class on one PBX as it is about to be sent; (fence, version) orders the plans of a PBX. */
export type NewPlan = {
  readonly pbx: string;
  readonly class: string;
  readonly fence: number;
  readonly version: number;
  readonly trunks: readonly WeightedTrunk[];
  readonly mode: Mode;
  readonly reason: string;
  readonly issuedAtEpochMs: number;
};

/** A plan on disk, with what the probe said of it. `outcome` is absent until it has. */
export type StoredPlan = NewPlan & {
  readonly id: number;
  readonly outcome: ClassResult['outcome'] | undefined;
  readonly outcomeReason: string | undefined;
  /** When AstDB held it: set for `applied` and `unchanged`. */
  readonly appliedAtEpochMs: number | undefined;
  /** AstDB text read back. */
  readonly readBack: string | undefined;
};

/** What a probe reports of a plan's classes. */
export type PlanOutcome = {
  readonly pbx: string;
  readonly fence: number;
  readonly version: number;
  readonly finishedAtEpochMs: number;
  readonly results: readonly ClassResult[];
};

/** Which plans are wanted; times are those of issue. */
export type PlanFilter = PageRequest & {
  readonly pbx?: string;
  readonly class?: string;
  readonly fromEpochMs?: number;
  readonly toEpochMs?: number;
};

/** Plans issued and what became of them. */
export class PlanStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  /**
   * Writes plans, the journal entries that give their reasons (at least one) and what is to be delivered elsewhere, all or none;
   * the plans may be sent once this has settled.
   *
   * @returns the entries with their ids, in order.
   * @throws StoreError `STORE_CONSTRAINT` for a (pbx, class, fence, version) issued before.
   */
  async issue(
    plans: readonly NewPlan[],
    entries: readonly NewJournalEntry[],
    deliveries: readonly NewDelivery[] = [],
  ): Promise<readonly JournalEntry[]> {
    const journal = journalInserts(entries, this.#database.nowEpochMs());
    const [rows] = await this.#database.write([
      journal,
      ...plans.map(planInsert),
      ...deliveries.map((each) => deliveryInsert(each)),
    ]);
    return rows.map(journalEntry).toSorted((a, b) => a.id - b.id);
  }

  /** As {@link PlanStore.issue}; kept in memory while the disk takes no writes: moves off hard-down trunks only (safety rule 8). */
  async issueOrBuffer(
    plans: readonly NewPlan[],
    entries: readonly NewJournalEntry[],
    deliveries: readonly NewDelivery[] = [],
  ): Promise<'written' | 'buffered' | 'overflowed'> {
    const nowEpochMs = this.#database.nowEpochMs();
    const rows = [...plans.map(planInsert), ...deliveries.map((each) => deliveryInsert(each))];
    const stamped = entries.map((entry) => ({ ...entry, atEpochMs: entry.atEpochMs ?? nowEpochMs }));
    const written = await this.#database.writeOrBuffer(
      [journalInserts(stamped, nowEpochMs), ...rows],
      [journalInserts(stamped, nowEpochMs, true), ...rows],
    );
    return written.kind;
  }

  /** True when each of these plans is on disk just as given: an earlier attempt to issue them has succeeded after all. */
  async areIssued(plans: readonly NewPlan[]): Promise<boolean> {
    const found = await Promise.all(
      plans.map((plan) =>
        this.#database.read(
          build
            .selectFrom('plans')
            .select(['trunks', 'mode'])
            .where('pbx', '=', plan.pbx)
            .where('class', '=', plan.class)
            .where('fence', '=', plan.fence)
            .where('version', '=', plan.version)
            .compile(),
        ),
      ),
    );
    return found.every(([row], at) => {
      const plan = plans[at];
      return plan && row?.trunks === jsonText(plan.trunks) && row.mode === plan.mode;
    });
  }

  /** Keeps what a probe reports; a report of a plan not known here changes nothing. @returns plans that it changed. */
  async recordOutcome({ pbx, fence, version, finishedAtEpochMs, results }: PlanOutcome): Promise<number> {
    const changed = await this.#database.write(
      results.map((result) =>
        build
          .updateTable('plans')
          .set({
            outcome: result.outcome,
            outcome_reason: result.reason ?? null,
            applied_at_epoch_ms: isHeld(result) ? wholeMs(finishedAtEpochMs) : null,
            read_back: result.readBack ?? null,
          })
          .where('pbx', '=', pbx)
          .where('class', '=', result.class)
          .where('fence', '=', fence)
          .where('version', '=', version)
          .returning('id')
          .compile(),
      ),
    );
    return changed.flat().length;
  }

  /** The latest plan of each class of a PBX, by class. */
  async latestOf(pbx: string): Promise<readonly StoredPlan[]> {
    const rows = await this.#database.read(
      build
        .selectFrom('plans')
        .selectAll()
        .where('id', 'in', (query) =>
          query
            .selectFrom('plans')
            .select(({ fn }) => fn.max('id').as('id'))
            .where('pbx', '=', pbx)
            .groupBy('class'),
        )
        .orderBy('class')
        .compile(),
    );
    return rows.map(storedPlan);
  }

  /** One page of plans, by id (order of issue). */
  async list(filter: PlanFilter = {}): Promise<Page<StoredPlan>> {
    const { cursor, limit, comparison, direction } = pageBounds(filter);
    let query = build.selectFrom('plans').selectAll().orderBy('id', direction);
    if (cursor !== undefined) query = query.where('id', comparison, cursor);
    if (filter.pbx !== undefined) query = query.where('pbx', '=', filter.pbx);
    if (filter.class !== undefined) query = query.where('class', '=', filter.class);
    if (filter.fromEpochMs !== undefined) query = query.where('issued_at_epoch_ms', '>=', filter.fromEpochMs);
    if (filter.toEpochMs !== undefined) query = query.where('issued_at_epoch_ms', '<', filter.toEpochMs);
    return cutPage(await this.#database.read(query.limit(limit + 1).compile()), limit, storedPlan);
  }
}

function isHeld({ outcome }: ClassResult): boolean {
  return outcome === 'applied' || outcome === 'unchanged';
}

function planInsert(plan: NewPlan) {
  return build
    .insertInto('plans')
    .values({
      pbx: plan.pbx,
      class: plan.class,
      fence: plan.fence,
      version: plan.version,
      trunks: jsonText(plan.trunks),
      mode: plan.mode,
      reason: plan.reason,
      issued_at_epoch_ms: wholeMs(plan.issuedAtEpochMs),
    })
    .compile();
}

function storedPlan(row: Omit<PlanTable, 'id'> & { readonly id: number }): StoredPlan {
  return {
    id: row.id,
    pbx: row.pbx,
    class: row.class,
    fence: row.fence,
    version: row.version,
    trunks: parseJson(row.trunks) as readonly WeightedTrunk[],
    mode: row.mode,
    reason: row.reason,
    issuedAtEpochMs: row.issued_at_epoch_ms,
    outcome: (row.outcome ?? undefined) as ClassResult['outcome'] | undefined,
    outcomeReason: row.outcome_reason ?? undefined,
    appliedAtEpochMs: row.applied_at_epoch_ms ?? undefined,
    readBack: row.read_back ?? undefined,
  };
}
