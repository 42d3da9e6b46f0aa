import type { Verdict } from './correlate/verdict.ts';
import type { VerdictEffect } from './correlate/verdict-effect.ts';
import type { EvidenceRunner } from './evidence/evidence-runner.ts';
import { toJson, verdictEntry } from './hub-entries.ts';
import type { JournalRunner } from './journal-runner.ts';
import type { HubMetrics } from './metrics/registry-server.ts';
import type { Store } from './store/database-store.ts';
import { type VerdictWritten, verdictWrite } from './verdict-record.ts';

/** What verdicts are told with. */
export type VerdictParts = {
  readonly store: Store;
  readonly journal: JournalRunner;
  readonly evidence: EvidenceRunner;
  readonly metrics: HubMetrics;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** A cleared verdict stays in view for so long. */
const SHOWN_AFTER_CLEAR_MS = 600_000;

/** Carries what a pass says of verdicts into journal, store and view. */
export class VerdictRunner {
  readonly #parts: VerdictParts;
  readonly #shown = new Map<string, Verdict>();
  readonly #written = new Map<string, VerdictWritten>();

  constructor(parts: VerdictParts) {
    this.#parts = parts;
  }

  /** Open verdicts, and those cleared within ten minutes. */
  get shown(): readonly Verdict[] {
    return [...this.#shown.values()];
  }

  /** Takes the open verdicts of a pass, after its effects. */
  passed(open: readonly Verdict[], nowMs: number): void {
    for (const verdict of open) this.#shown.set(verdict.verdictId, verdict);
    for (const [id, { clearedAtMs }] of this.#shown) {
      if (clearedAtMs !== undefined && nowMs - clearedAtMs > SHOWN_AFTER_CLEAR_MS) this.#shown.delete(id);
    }
  }

  /** Takes one change of a verdict. */
  tell(effect: VerdictEffect, nowMs: number): void {
    const { evidence, journal, metrics, onFault, store } = this.#parts;
    const { verdict } = effect;
    this.#shown.set(verdict.verdictId, verdict);
    if (effect.kind === 'verdict-opened') metrics.count('verdictsOpened', { kind: verdict.place.kind });
    if (effect.kind === 'verdict-opened' && (verdict.reopenedAtMs?.length ?? 0) > 0) {
      metrics.count('verdictsReopened', { kind: verdict.place.kind });
    }
    const entry = verdictEntry(effect);
    if (entry) journal.write(entry);
    const { kind, written } = verdictWrite(this.#written.get(verdict.verdictId), effect, nowMs);
    if (effect.kind === 'verdict-cleared') this.#written.delete(verdict.verdictId);
    else this.#written.set(verdict.verdictId, written);
    if (kind === 'nothing') return;
    const record = {
      verdictId: verdict.verdictId,
      latest: toJson(verdict),
      openedAtEpochMs: verdict.openedAtMs,
      updatedAtEpochMs: verdict.updatedAtMs,
      clearedAtEpochMs: verdict.clearedAtMs,
    };
    const snapshot = kind === 'row-and-evidence' ? toJson(verdict) : undefined;
    const keepContext = snapshot === undefined ? undefined : evidence.observe(effect, nowMs);
    store.verdicts
      .save(record, snapshot)
      .then(keepContext)
      .catch((cause: unknown) => {
        this.#written.delete(verdict.verdictId);
        onFault('verdict', cause);
      });
  }
}
