import type { HubConfig } from './config-schema.ts';
import type { Engine } from './engine.ts';
import { memoryEntries } from './engine-memory-store.ts';
import { closeMinute, type RollupState } from './path-rollups.ts';
import type { Store } from './store/database-store.ts';
import { RETENTION_POLICY } from './store/retention-store.ts';

const DAY_MS = 86_400_000;
const MEMORY_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
const RETENTION_EVERY_MS = 3_600_000;

/** What housekeeping works on. */
export type HousekeepingDeps = {
  readonly store: Store;
  readonly engine: Engine;
  readonly config: HubConfig;
  /** Hub time. */
  readonly nowMs: () => number;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Saves the engine's memory now and then, sums paths up by the minute, and lets old rows go. Owns its timers. */
export class HousekeepingRunner {
  readonly #deps: HousekeepingDeps;
  readonly #stop = new AbortController();
  readonly #timers: readonly NodeJS.Timeout[];
  #rollups: RollupState = new Map();
  #minuteTimer: NodeJS.Timeout | undefined;

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps;
    this.#timers = [
      setInterval(() => this.#guard('memory', () => this.saveMemory()), MEMORY_EVERY_MS),
      setInterval(() => this.#guard('retention', () => this.#trim()), RETENTION_EVERY_MS),
    ];
    this.#waitForMinute();
  }

  /** Writes what a hub that starts after this one should know. */
  saveMemory(): Promise<void> {
    const { engine, nowMs, store } = this.#deps;
    return store.memory.put(memoryEntries(engine.memory(nowMs())));
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
      minuteStartMs + MINUTE_MS - nowMs,
    );
  }

  async #closeMinute(minuteStartMs: number): Promise<void> {
    const { engine, nowMs, store } = this.#deps;
    const { state, rollups } = closeMinute(this.#rollups, engine.sight(nowMs()), minuteStartMs);
    this.#rollups = state;
    if (rollups.length > 0) await store.rollups.put(rollups);
  }

  async #trim(): Promise<void> {
    const { config, store } = this.#deps;
    const policy = {
      ...RETENTION_POLICY,
      journalMs: config.store.journalDays * DAY_MS,
      quarterHourRollupsMs: config.store.rollupDays * DAY_MS,
    };
    await store.retention.trim(policy, this.#stop.signal);
  }

  #guard(place: string, work: () => Promise<void>): void {
    work().catch((cause: unknown) => this.#deps.onFault(place, cause));
  }
}
