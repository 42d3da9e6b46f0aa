import { setImmediate } from 'node:timers/promises';
import type { HubConfig } from './config-schema.ts';
import type { Engine } from './engine.ts';
import { memoryEntries } from './engine-memory-store.ts';
import type { EvidenceRunner } from './evidence/evidence-runner.ts';
import { closeMinute, type Quarter, type RollupState, SETTLE_MS } from './path-rollups.ts';
import { portions } from './steps.ts';
import type { Store } from './store/database-store.ts';
import { RETENTION_POLICY, type RetentionPolicy } from './store/retention-store.ts';
import type { PathRollup } from './store/rollup-store.ts';

const DAY_MS = 86_400_000;
/** Paths summed up before others get a turn. */
const PORTION_PATHS = 1000;
const MEMORY_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
const RETENTION_EVERY_MS = 3_600_000;

/** What housekeeping works on. */
export type HousekeepingDeps = {
  readonly store: Store;
  readonly engine: Engine;
  readonly evidence: EvidenceRunner;
  readonly config: HubConfig;
  /** Hub time. */
  readonly nowMs: () => number;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** How long a hub keeps what, by its configuration. */
export function retentionOf({ store: { journalDays, rollupDays } }: HubConfig): RetentionPolicy {
  return { ...RETENTION_POLICY, journalMs: journalDays * DAY_MS, quarterHourRollupsMs: rollupDays * DAY_MS };
}

/** Saves the engine's memory now and then, sums paths up by the minute, and lets old rows go. Owns its timers. */
export class HousekeepingRunner {
  readonly #deps: HousekeepingDeps;
  readonly #stop = new AbortController();
  readonly #timers: readonly NodeJS.Timeout[];
  #rollups: RollupState = new Map();
  #saving: Promise<void> = Promise.resolve();
  #isSaving = false;
  #minuteTimer: NodeJS.Timeout | undefined;

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps;
    this.#timers = [
      setInterval(() => this.#guard('memory', () => this.#saveNowAndThen()), MEMORY_EVERY_MS),
      setInterval(() => this.#guard('retention', () => this.#trim()), RETENTION_EVERY_MS),
    ];
    this.#waitForMinute();
  }

  /** Writes what a hub that starts after this one should know, PBX by PBX; after what is being written already. */
  async saveMemory(): Promise<void> {
    const before = this.#saving;
    const saving = this.#save(before);
    this.#saving = saving;
    await saving;
  }

  async #save(before: Promise<void>): Promise<void> {
    const { engine, nowMs, store } = this.#deps;
    await before.catch(() => undefined);
    for (const portion of engine.memoryPortions(nowMs)) await store.memory.put(memoryEntries(portion));
  }

  /** A save that takes long is not begun again before it is over. */
  async #saveNowAndThen(): Promise<void> {
    if (this.#isSaving) return;
    this.#isSaving = true;
    try {
      await this.saveMemory();
    } finally {
      this.#isSaving = false;
    }
  }

  /** Ends the timers; work under way goes on to its end. */
  stop(): void {
    this.#stop.abort();
    clearTimeout(this.#minuteTimer);
    for (const timer of this.#timers) clearInterval(timer);
  }

  #waitForMinute(): void {
    const nowMs = this.#deps.nowMs();
    const minuteStartMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    this.#minuteTimer = setTimeout(
      () => {
        this.#guard('rollups', () => this.#closeMinute(minuteStartMs));
        this.#waitForMinute();
      },
      minuteStartMs + MINUTE_MS + SETTLE_MS - nowMs,
    );
  }

  async #closeMinute(minuteStartMs: number): Promise<void> {
    const { engine, evidence, nowMs, store } = this.#deps;
    const watched = evidence.watched(nowMs());
    const next = new Map<string, Quarter>();
    const rollups: PathRollup[] = [];
    for (const paths of portions(engine.watched(), PORTION_PATHS)) {
      const step = closeMinute(this.#rollups, paths, minuteStartMs, watched);
      for (const [key, quarter] of step.state) next.set(key, quarter);
      for (const rollup of step.rollups) rollups.push(rollup);
      await setImmediate();
    }
    this.#rollups = next;
    evidence.closeMinute(minuteStartMs);
    if (rollups.length > 0) await store.rollups.put(rollups);
  }

  async #trim(): Promise<void> {
    const { config, store } = this.#deps;
    await store.retention.trim(retentionOf(config), this.#stop.signal);
  }

  #guard(place: string, work: () => Promise<void>): void {
    work().catch((cause: unknown) => this.#deps.onFault(place, cause));
  }
}
