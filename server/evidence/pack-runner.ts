import type { Verdict } from '../correlate/verdict.ts';
import type { Fleet } from '../fleet.ts';
import type { Store } from '../store/database-store.ts';
import type { RetentionPolicy } from '../store/retention-store.ts';
import { WorkQueue } from '../work-queue.ts';
import { readVerdict } from './kept-verdict.ts';
import type { PackForm } from './pack-form.ts';
import { followedFrom, listedPaths, type PackInput, packTime, type TraceInput } from './pack-input.ts';
import { contextOfCounts } from './pack-looks.ts';
import { PackStore } from './pack-store.ts';
import { PackThread } from './pack-thread-client.ts';
import type { ContextPath } from './verdict-context.ts';

/** What packs are made from. */
export type PackDeps = {
  readonly store: Store;
  readonly fleet: Fleet;
  /** Time zone of each provider that has one configured. */
  readonly zoneOf: ReadonlyMap<string, string>;
  readonly tracesOf: (verdict: Verdict) => Promise<readonly TraceInput[]>;
  readonly retention: Pick<RetentionPolicy, 'journalMs' | 'eventsMs' | 'minuteRollupsMs' | 'quarterHourRollupsMs'>;
  readonly softwareVersion: string;
  readonly nowMs: () => number;
};

/** Packs that may wait behind the one that is being made. */
const MAX_WAITING = 3;

/** A pack as one file. */
export type WrittenPack = {
  /** That its verdict names, as the pack writes it. */
  readonly place: string;
  readonly body: Uint8Array;
};

/** Makes the evidence pack of a verdict out of the store: also of one that was cleared long ago, by a hub before this one. */
export class PackRunner {
  readonly #deps: PackDeps;
  readonly #read: PackStore;
  readonly #queue = new WorkQueue(MAX_WAITING);
  readonly #thread = new PackThread();
  #isClosed = false;

  constructor(deps: PackDeps) {
    this.#deps = deps;
    this.#read = new PackStore(deps.store);
  }

  /**
   * Packs are made one after another, in a thread of their own.
   *
   * @param numbers - whether telephone numbers in texts are masked; who may see them is the caller's affair.
   * @returns undefined for an unknown verdict; `busy` where as many wait as may.
   * @throws StoreError when the store cannot be read.
   */
  async make(verdictId: string, numbers: 'masked' | 'full', form: PackForm): Promise<WrittenPack | 'busy' | undefined> {
    const made = this.#queue.run(async () => {
      if (this.#isClosed) throw new Error('no pack is made while the hub stops');
      const input = await this.#gather(verdictId, numbers);
      return input && (await this.#thread.make(input, form));
    });
    return made ? await made : 'busy';
  }

  /** Ends the thread; what is being made, or waits, is an error of who asked. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread.close();
  }

  async #gather(verdictId: string, numbers: 'masked' | 'full'): Promise<PackInput | undefined> {
    const { fleet, nowMs, retention, softwareVersion, store, tracesOf } = this.#deps;
    const stored = await store.verdicts.get(verdictId);
    const verdict = readVerdict(stored?.latest);
    if (!stored || !verdict) return undefined;
    const madeAtEpochMs = nowMs();
    const snapshots = await this.#read.snapshots(verdictId);
    const kept = await this.#read.contexts(verdictId);
    const told = contextOfCounts(snapshots[0] ?? verdict, (pbx) => fleet.siteOf.get(pbx));
    const contexts = kept.length > 0 || !told ? kept : [{ atEpochMs: verdict.openedAtMs, context: told }];
    const paths = [...listedPaths(contexts).values()];
    const span = packTime(verdict, paths.length, madeAtEpochMs);
    const journal = await this.#read.journal(span);
    const calls = await this.#read.calls(verdict, paths);
    const latest: unknown = stored.latest;
    return {
      softwareVersion,
      madeAtEpochMs,
      numbers,
      timeZone: this.#zone(paths),
      verdict,
      snapshots,
      contexts,
      followedFrom: followedFrom(kept),
      span,
      rollups: await this.#read.rollups(paths, span),
      media: await this.#read.media(paths, span),
      journal: journal.lines,
      isJournalCut: journal.isCut,
      traces: await tracesOf(latest as Verdict),
      calls: calls.shown,
      isCallsCut: calls.isCut,
      kept: {
        minutesMs: retention.minuteRollupsMs,
        quartersMs: retention.quarterHourRollupsMs,
        journalMs: retention.journalMs,
        eventsMs: retention.eventsMs,
      },
    };
  }

  /** The zone of the one provider, or of several that share it, whose paths the verdict is about. */
  #zone(paths: readonly ContextPath[]): string | undefined {
    const providers = paths.flatMap(({ provider, role }) => (role === 'inside' && provider ? [provider] : []));
    const zones = new Set(providers.map((provider) => this.#deps.zoneOf.get(provider)));
    const [only] = zones;
    return zones.size === 1 ? only : undefined;
  }
}
