import { randomUUID } from 'node:crypto';
import type { LiveOrders } from '../wire/live.ts';
import type { MaintenanceOrder, PinOrder } from './api/route-order-schemas.ts';
import type { Fleet } from './fleet.ts';
import type { RouteOrders } from './route-ground.ts';
import { type AskedOrder, askedMaintenance, askedPin, conflictWith, orderToKeep } from './route-order-asked.ts';
import {
  beganEntry,
  endedEntry,
  type KnownMaintenance,
  type KnownPin,
  maintenanceEntry,
  pinEntry,
} from './route-order-entries.ts';
import { liveOrders, maintenanceIn, pinIn } from './route-order-shapes.ts';
import { maintenanceEffect, pinEffect } from './routing/order-effect.ts';
import type { OrderFault } from './routing/ordered-names.ts';
import type { PlannedRoute } from './routing/route-plan.ts';
import type { Store } from './store/database-store.ts';
import type { JournalEntry, NewJournalEntry } from './store/journal-store.ts';
import type { RouteOrderKind, RoutingStop, StoredRouteOrder } from './store/route-order-store.ts';

/** What came of an order. `repeated`: the same order under the same id is in force already; `effect` says what it does to routes. */
export type OrderOutcome =
  | { readonly kind: 'done' | 'repeated'; readonly id: string; readonly effect: string }
  | { readonly kind: 'faults'; readonly faults: readonly OrderFault[] }
  /** The id is another order's, or this one is over. */
  | { readonly kind: 'conflict'; readonly message: string }
  | { readonly kind: 'too-many'; readonly message: string };

/** What the runner needs from the outside. */
export type RouteOrdersParts = {
  readonly store: Pick<Store, 'routeOrders'>;
  readonly fleet: Fleet;
  /** Routes as the latest pass planned them. */
  readonly routes: () => readonly PlannedRoute[];
  /** Puts orders in force, from the next pass on. */
  readonly demand: (orders: RouteOrders) => void;
  /** An entry that is on disk. */
  readonly noted: (entry: JournalEntry) => void;
  /** Orders, or the switch, are others than before. */
  readonly onChange: () => void;
  /** Hub time. */
  readonly nowMs: () => number;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** Orders of one kind that may be in force or to come: every planning looks at each. */
export const MAX_ORDERS = 500;

/**
 * What people order of routes: pins, maintenances, and the stop switch of routing. The store is their home and journals each change in
 * the same write; here they are at hand, one change at a time. A retry under the same id changes nothing.
 */
export class RouteOrdersRunner {
  readonly #parts: RouteOrdersParts;
  #pins: readonly KnownPin[] = [];
  #maintenance: readonly (KnownMaintenance & { readonly hasBegun: boolean })[] = [];
  #stop: RoutingStop = { isStopped: false };
  #turn: Promise<unknown> = Promise.resolve();
  #isTiming = false;

  constructor(parts: RouteOrdersParts) {
    this.#parts = parts;
  }

  /** Reads the store and puts what it holds in force; before the first pass. */
  async load(): Promise<void> {
    const { store } = this.#parts;
    const open = await store.routeOrders.open();
    this.#pins = open.flatMap((order) => pinIn(order) ?? []);
    this.#maintenance = open.flatMap((order) => maintenanceIn(order) ?? []);
    this.#stop = await store.routeOrders.routingStop();
    this.#inForce();
  }

  /** Everything as views show it. */
  get shown(): LiveOrders {
    return liveOrders(this.#pins, this.#maintenance, this.#stop);
  }

  /** True while the hub may change no route. */
  get isRoutingStopped(): boolean {
    return this.#stop.isStopped;
  }

  /** Gives a pin. */
  async pin(asked: PinOrder, actor: string): Promise<OrderOutcome> {
    return this.#oneByOne(() => this.#give(askedPin(asked, actor, this.#parts.fleet)));
  }

  /** Orders a maintenance. */
  async maintain(asked: MaintenanceOrder, actor: string): Promise<OrderOutcome> {
    return this.#oneByOne(() => this.#give(askedMaintenance(asked, actor, this.#parts.fleet)));
  }

  /** Takes an order away. @returns `unknown` where none has this id; one that is over is `done` already. */
  async takeAway(
    kind: RouteOrderKind,
    id: string,
    by: { readonly actor: string; readonly reason: string },
  ): Promise<'done' | 'unknown'> {
    return this.#oneByOne(async () => {
      const own = this.#of(kind).find((each) => each.id === id);
      if (!own) return (await this.#parts.store.routeOrders.get(kind, id)) ? 'done' : 'unknown';
      await this.#end(kind, own, by);
      return 'done';
    });
  }

  /** Throws or releases the switch of routing; told the same again by the same person, it changes nothing. */
  async setStopped(isStopped: boolean, actor: string, reason: string): Promise<RoutingStop> {
    return this.#oneByOne(async () => {
      const isSame = this.#stop.actor === actor && this.#stop.reason === reason;
      if (this.#stop.isStopped === isStopped && (isSame || !isStopped)) return this.#stop;
      const { noted, onChange, store } = this.#parts;
      noted(await store.routeOrders.setRoutingStopped(isStopped, actor, reason));
      this.#stop = await store.routeOrders.routingStop();
      onChange();
      return this.#stop;
    });
  }

  /** Journals what time began or ended; once a second. The planning itself goes by each order's own times. */
  passed(): void {
    const nowMs = this.#parts.nowMs();
    const isDue = [...this.#pins, ...this.#maintenance].some(
      (each) => isOver(each, nowMs) || ('of' in each && !each.hasBegun && each.fromMs <= nowMs),
    );
    if (!isDue || this.#isTiming) return;
    this.#isTiming = true;
    this.#oneByOne(() => this.#keepTime())
      .catch((cause: unknown) => this.#parts.onFault('route orders', cause))
      .finally(() => {
        this.#isTiming = false;
      });
  }

  async #keepTime(): Promise<void> {
    const { noted, nowMs, store } = this.#parts;
    const atMs = nowMs();
    for (const each of this.#maintenance.filter(({ fromMs, hasBegun }) => !hasBegun && fromMs <= atMs)) {
      noted(await store.routeOrders.begin('maintenance', each.id, each.fromMs, beganEntry(each, atMs)));
      this.#maintenance = this.#maintenance.map((own) => (own.id === each.id ? { ...own, hasBegun: true } : own));
    }
    for (const each of this.#pins.filter((pin) => isOver(pin, atMs))) await this.#end('pin', each, undefined);
    for (const each of this.#maintenance.filter((own) => isOver(own, atMs))) {
      await this.#end('maintenance', each, undefined);
    }
  }

  async #give(asked: AskedOrder): Promise<OrderOutcome> {
    const { kind, id = randomUUID() } = asked;
    const { noted, nowMs, onChange, store } = this.#parts;
    const known = asked.id === undefined ? undefined : await store.routeOrders.get(kind, id);
    if (known) {
      const message = conflictWith(known, asked);
      return message === undefined
        ? { kind: 'repeated', id, effect: this.#told(known).effect }
        : { kind: 'conflict', message };
    }
    const kept = orderToKeep(asked, id, Math.round(nowMs()));
    if ('faults' in kept) return { kind: 'faults', faults: kept.faults };
    if (this.#of(kind).length >= MAX_ORDERS) {
      const what = kind === 'pin' ? 'pins' : 'maintenances';
      return { kind: 'too-many', message: `${MAX_ORDERS} ${what} are kept already: take some away first` };
    }
    const { order } = kept;
    const { effect, entry } = this.#told(order);
    noted(await store.routeOrders.give(order, entry));
    this.#pins = [...this.#pins, ...listed(pinIn(order))];
    this.#maintenance = [...this.#maintenance, ...listed(maintenanceIn(order))];
    this.#inForce();
    onChange();
    return { kind: 'done', id, effect };
  }

  #told(order: StoredRouteOrder): { readonly effect: string; readonly entry: NewJournalEntry } {
    const { fleet, routes } = this.#parts;
    const ground = { routes: routes(), siteOf: fleet.siteOf, providerOf: fleet.providerOf };
    const pin = pinIn(order);
    const maintenance = maintenanceIn(order);
    if (pin) {
      const effect = pinEffect(pin, ground);
      return { effect, entry: pinEntry(pin, effect) };
    }
    if (!maintenance) throw new Error(`order ${order.orderId} is neither a pin nor a maintenance`);
    const effect = maintenanceEffect(maintenance.of, ground);
    return { effect, entry: maintenanceEntry(maintenance, effect) };
  }

  async #end(
    kind: RouteOrderKind,
    own: KnownPin | KnownMaintenance,
    by: { readonly actor: string; readonly reason: string } | undefined,
  ): Promise<void> {
    const { noted, nowMs, onChange, store } = this.#parts;
    const atMs = nowMs();
    const entry = endedEntry(kind, own, by, atMs);
    noted(await store.routeOrders.end({ kind, orderId: own.id }, by?.actor ?? 'hub', atMs, entry));
    this.#pins = this.#pins.filter((each) => kind !== 'pin' || each.id !== own.id);
    this.#maintenance = this.#maintenance.filter((each) => kind !== 'maintenance' || each.id !== own.id);
    this.#inForce();
    onChange();
  }

  #of(kind: RouteOrderKind): readonly (KnownPin | KnownMaintenance)[] {
    return kind === 'pin' ? this.#pins : this.#maintenance;
  }

  #inForce(): void {
    const maintenance = this.#maintenance.map(({ actor, fromMs, id, of, reason, untilMs }) => ({
      id,
      of,
      fromMs,
      untilMs,
      actor,
      reason,
    }));
    this.#parts.demand({ pins: this.#pins, maintenance });
  }

  /** Orders that are checked against what is there may not overtake one another. */
  #oneByOne<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function listed<Order>(order: Order | undefined): readonly Order[] {
  return order === undefined ? [] : [order];
}

function isOver({ untilMs }: KnownPin | KnownMaintenance, nowMs: number): boolean {
  return untilMs !== undefined && untilMs <= nowMs;
}
