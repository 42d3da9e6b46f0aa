import type { HubConfig } from './config-schema.ts';
import type { Fleet } from './fleet.ts';
import { type CallEnded, countedCall } from './paths/quality/ended-call.ts';
import type { QualityTable } from './paths/quality/quality-table.ts';
import { CallLedger, type CallReader } from './routing/call-ledger.ts';
import {
  type Maintenance,
  NO_CONSTRAINTS,
  type Pin,
  type RouteConstraints,
  type TrunkLoad,
} from './routing/route-constraints.ts';

/** What a trunk may carry, as configured. */
export type TrunkCapacity = NonNullable<HubConfig['providers'][number]['trunks'][number]['capacity']>;

/** What people ordered of routes. */
export type RouteOrders = { readonly pins: readonly Pin[]; readonly maintenance: readonly Maintenance[] };

/** Calls that are counted for what a trunk carries now. */
const LOAD_WINDOW_MS = 300_000;

/**
 * What routes are planned from beside paths and verdicts: the calls of late, what people ordered, and what trunks carry. Mutable,
 * free of I/O; owned by the engine. Hub time.
 */
export class RouteGround {
  readonly #ledger = new CallLedger();
  readonly #fleet: Pick<Fleet, 'classes' | 'providerOf' | 'capacityOf'>;
  readonly #quality: Pick<QualityTable, 'calls' | 'mosSince'>;
  #orders: RouteOrders = { pins: [], maintenance: [] };

  constructor(
    fleet: Pick<Fleet, 'classes' | 'providerOf' | 'capacityOf'>,
    quality: Pick<QualityTable, 'calls' | 'mosSince'>,
  ) {
    this.#fleet = fleet;
    this.#quality = quality;
  }

  /** What people ordered, from now on. */
  order(orders: RouteOrders): void {
    this.#orders = orders;
  }

  /** A call of a PBX has ended. @returns true for one that failed in the network. */
  callEnded(pbx: string, body: CallEnded, atMs: number): boolean {
    if (!this.#fleet.providerOf.has(body.trunk)) return false;
    const isKnownClass = this.#fleet.classes.some((known) => known.class === body.class);
    const place = { trunk: body.trunk, class: isKnownClass ? body.class : undefined };
    return this.#ledger.add(pbx, place, countedCall(body), atMs);
  }

  /** The calls, for planning. */
  calls(): CallReader {
    return {
      recent: (pbx, trunk, name) => this.#ledger.recent(pbx, trunk, name),
      latestAtMs: (pbx, name) => this.#ledger.latestAtMs(pbx, name),
      mosSince: (pbx, trunk, sinceMs, nowMs) => this.#quality.mosSince(pbx, trunk, sinceMs, nowMs),
    };
  }

  /** What is demanded of routes now. */
  constraints(nowMs: number): RouteConstraints {
    const { capacityOf } = this.#fleet;
    if (capacityOf.size === 0) return { ...NO_CONSTRAINTS, ...this.#orders };
    const rows = this.#quality.calls(LOAD_WINDOW_MS, nowMs, 'trunk');
    const loads = new Map<string, TrunkLoad>();
    for (const [trunk, capacity] of capacityOf) {
      const pool = rows.find((row) => row.trunk === trunk && row.edge === undefined && row.class === undefined)?.pool;
      const windowS = LOAD_WINDOW_MS / 1000;
      const talkS = (pool?.acd?.n ?? 0) * (pool?.acd?.meanS ?? 0);
      const used = pool && { usedChannels: talkS / windowS, usedCallsPerSecond: pool.asr.of / windowS };
      loads.set(trunk, { ...capacity, ...used });
    }
    return { ...this.#orders, loads };
  }
}
