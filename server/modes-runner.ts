import type { PbxModes } from '../wire/plan.ts';
import type { HubApi, ModeOrder } from './api/hub-api.ts';
import type { HubConfig } from './config-schema.ts';
import type { Fleet } from './fleet.ts';
import { fleetMode, modeScope, resolveModes, type ScopedMode } from './mode-resolution.ts';
import type { Store } from './store/database-store.ts';
import type { JournalEntry } from './store/journal-store.ts';

const SEEDED_KEY = 'hub/modes-seeded';

/** Modes and the stop switch as they are in force; the store is their home, this keeps them at hand. */
export class ModesRunner {
  readonly #store: Store;
  readonly #fleet: Fleet;
  #modes: readonly ScopedMode[] = [];
  #isStopped = false;
  readonly #resolved = new Map<string, PbxModes>();
  readonly #planned = new Map<string, PbxModes>();
  #isRoutingStopped = false;

  constructor(store: Store, fleet: Fleet) {
    this.#store = store;
    this.#fleet = fleet;
  }

  /** True while nothing may be changed anywhere. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Routing mode of the whole fleet. */
  get fleetRoutingMode(): PbxModes['routing'] {
    return fleetMode(this.#modes, 'routing');
  }

  /** Reads the store; at the very first start it is filled from the configuration. @returns entries written by that. */
  async load(config: HubConfig): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    if ((await this.#store.memory.get(SEEDED_KEY)) === undefined) {
      for (const { function: of, mode, scope = {} } of config.modes) {
        entries.push(await this.#store.modes.set({ function: of, mode, scope: modeScope(scope), actor: 'config' }));
      }
      await this.#store.memory.put([{ key: SEEDED_KEY, value: true }]);
    }
    await this.#reload();
    return entries;
  }

  /** Every mode that is set, with its scope; what is not listed observes. */
  get all(): ReturnType<HubApi['modes']> {
    return this.#modes.map(({ function: of, mode, scope }) => ({ function: of, mode, scope: shownScope(scope) }));
  }

  /** Modes of one PBX after scopes are resolved: the same object for as long as no order changes any mode. */
  of(pbx: string): PbxModes {
    const known = this.#resolved.get(pbx);
    if (known) return known;
    const site = this.#fleet.siteOf.get(pbx) ?? '';
    const classes = this.#fleet.classes.map((entry) => entry.class);
    const modes = resolveModes(this.#modes, this.#isStopped, { pbx, site, classes });
    this.#resolved.set(pbx, modes);
    return modes;
  }

  /**
   * Modes of one PBX as its routes are planned: stopped also where only routing is. Probes are told {@link of}, for their own marks on
   * hard-down trunks go on then.
   */
  planned(pbx: string): PbxModes {
    if (!this.#isRoutingStopped) return this.of(pbx);
    const known = this.#planned.get(pbx);
    if (known) return known;
    const modes = { ...this.of(pbx), stopped: true };
    this.#planned.set(pbx, modes);
    return modes;
  }

  /** The stop switch of routing is thrown or released. */
  stopRouting(isStopped: boolean): void {
    this.#isRoutingStopped = isStopped;
    this.#planned.clear();
  }

  /** True while no route may be changed: by either switch. */
  get isPlanningStopped(): boolean {
    return this.#isStopped || this.#isRoutingStopped;
  }

  /** Carries out an order. @returns its journal entry, on disk, or undefined where its scope is not configured. */
  async set(order: ModeOrder): Promise<JournalEntry | undefined> {
    const scope = modeScope(order.scope);
    if (!this.#isKnown(scope)) return undefined;
    const { function: of, mode, actor, reason } = order;
    const { modes } = this.#store;
    const entry = await (mode === null
      ? modes.clear({ function: of, scope, actor }, reason)
      : modes.set({ function: of, mode, scope, actor }, reason));
    await this.#reload();
    return entry;
  }

  /** Throws or releases the stop switch. @returns the journal entry, on disk. */
  async setStopped(isStopped: boolean, actor: string, reason: string): Promise<JournalEntry> {
    const entry = await this.#store.modes.setStopped(isStopped, actor, reason);
    await this.#reload();
    return entry;
  }

  async #reload(): Promise<void> {
    this.#modes = await this.#store.modes.list();
    this.#isStopped = (await this.#store.modes.stopSwitch()).isStopped;
    this.#resolved.clear();
    this.#planned.clear();
  }

  #isKnown(scope: ScopedMode['scope']): boolean {
    switch (scope.kind) {
      case 'fleet':
        return true;
      case 'site':
        return this.#fleet.sites.includes(scope.site);
      case 'pbx':
        return this.#fleet.siteOf.has(scope.pbx);
      case 'class':
        return this.#fleet.classes.some((entry) => entry.class === scope.class);
      default:
        return scope satisfies never;
    }
  }
}

function shownScope(scope: ScopedMode['scope']): ModeOrder['scope'] {
  switch (scope.kind) {
    case 'fleet':
      return {};
    case 'site':
      return { site: scope.site };
    case 'pbx':
      return { pbx: scope.pbx };
    case 'class':
      return { class: scope.class };
    default:
      return scope satisfies never;
  }
}
