import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Verdict } from '../correlate/verdict.ts';
import type { Fleet } from '../fleet.ts';
import type { Store } from '../store/database-store.ts';
import type { RetentionPolicy } from '../store/retention-store.ts';
import { assemblePack } from './assemble-pack.ts';
import type { EvidencePack } from './evidence-pack.ts';
import { readVerdict } from './kept-verdict.ts';
import { followedFrom, listedPaths, type PackInput, packTime, type TraceInput } from './pack-input.ts';
import { contextOfCounts } from './pack-looks.ts';
import { PackStore } from './pack-store.ts';
import { sealPack } from './seal-pack.ts';
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

/** SHA-256 of a text, in hexadecimal digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** SHA-256 of a text, in base64 as a content security policy wants it. */
export function sha256Base64(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64');
}

/** Makes the evidence pack of a verdict out of the store: also of one that was cleared long ago, by a hub before this one. */
export class PackRunner {
  readonly #deps: PackDeps;
  readonly #read: PackStore;

  constructor(deps: PackDeps) {
    this.#deps = deps;
    this.#read = new PackStore(deps.store);
  }

  /**
   * @param numbers - whether telephone numbers in texts are masked; who may see them is the caller's affair.
   * @returns undefined for an unknown verdict.
   * @throws StoreError when the store cannot be read.
   */
  async make(verdictId: string, numbers: 'masked' | 'full'): Promise<EvidencePack | undefined> {
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
    const input: PackInput = {
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
    await setImmediate();
    const pack = assemblePack(input);
    await setImmediate();
    return sealPack(pack, sha256Hex);
  }

  /** The zone of the one provider, or of several that share it, whose paths the verdict is about. */
  #zone(paths: readonly ContextPath[]): string | undefined {
    const providers = paths.flatMap(({ provider, role }) => (role === 'inside' && provider ? [provider] : []));
    const zones = new Set(providers.map((provider) => this.#deps.zoneOf.get(provider)));
    const [only] = zones;
    return zones.size === 1 ? only : undefined;
  }
}
