import type { JournalRunner } from '../journal-runner.ts';
import type { HubMetrics } from '../metrics/registry-server.ts';
import type { Delivery, DeliveryStore, NewDelivery } from '../store/delivery-store.ts';
import { type AttemptResult, afterAttempt, dueDeliveries } from './delivery-schedule.ts';
import type { HookProgram, Webhook } from './hook-policy.ts';

/** What deliveries need from the outside. */
export type DeliveryDeps = {
  readonly store: DeliveryStore;
  readonly journal: Pick<JournalRunner, 'write' | 'append'>;
  readonly metrics: HubMetrics;
  readonly hooks: readonly (Webhook | HookProgram)[];
  /** Makes one attempt; must not reject. */
  readonly attempt: (hook: Webhook | HookProgram, delivery: Delivery, signal: AbortSignal) => Promise<AttemptResult>;
  readonly nowMs: () => number;
  /** 0 to 1, anew each time. */
  readonly chance: () => number;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** One webhook or program with what waits for it. */
type Lane = {
  readonly hook: Webhook | HookProgram;
  /** By id, oldest first. */
  readonly waiting: Map<string, Delivery>;
  readonly underWay: Set<string>;
  timer: NodeJS.Timeout | undefined;
};

/**
 * Tells webhooks and programs what happened, each at its own pace: what waits is on disk, an attempt that failed is made again
 * later, and what is given up stays as a dead letter that a person can send again. Nobody waits for it.
 */
export class DeliveryRunner {
  readonly #deps: DeliveryDeps;
  readonly #lanes: ReadonlyMap<string, Lane>;
  readonly #end = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#lanes = new Map(
      deps.hooks.map((hook) => [
        laneKey({ actuator: hook.actuator, hook: hook.name }),
        { hook, waiting: new Map(), underWay: new Set(), timer: undefined },
      ]),
    );
  }

  /** Takes up what an earlier life of the hub left; once, before anything else. */
  async recall(): Promise<void> {
    for (const delivery of await this.#deps.store.pending()) this.#enqueue(delivery);
    for (const lane of this.#lanes.values()) this.#look(lane);
  }

  /** Takes deliveries that are on disk already, written together with what they tell of. */
  take(deliveries: readonly NewDelivery[]): void {
    for (const delivery of deliveries) {
      this.#enqueue({
        ...delivery,
        state: 'pending',
        attempts: 0,
        dueAtEpochMs: delivery.madeAtEpochMs,
        lastReason: undefined,
      });
    }
    for (const lane of this.#lanes.values()) this.#look(lane);
  }

  /** Writes deliveries to disk, and takes them. */
  deliver(deliveries: readonly NewDelivery[]): void {
    if (deliveries.length === 0 || this.#end.signal.aborted) return;
    this.#keep(
      this.#deps.store.add(deliveries).then(() => this.take(deliveries)),
      'delivery',
    );
  }

  /** Makes a dead letter due again. @returns false where none such is known. */
  async retry(deliveryId: string, actor: string): Promise<boolean> {
    const delivery = await this.#deps.store.revive(deliveryId);
    if (!delivery) return false;
    const sentence = `${actor} sends ${deliveryId} again`;
    await this.#deps.journal.append({ kind: 'delivery-retried', actor, sentence, detail: { deliveryId } });
    this.#enqueue(delivery);
    for (const lane of this.#lanes.values()) this.#look(lane);
    return true;
  }

  /** Ends what is under way; it stays due for the next life of the hub. */
  async close(): Promise<void> {
    this.#end.abort();
    for (const { timer } of this.#lanes.values()) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #enqueue(delivery: Delivery): void {
    const lane = this.#lanes.get(laneKey(delivery));
    if (!lane) {
      this.#giveUp({
        ...delivery,
        state: 'dead',
        lastReason: `no ${delivery.actuator} ${delivery.hook} is configured`,
      });
      return;
    }
    if (lane.waiting.has(delivery.deliveryId)) return;
    if (lane.waiting.size >= lane.hook.maxWaiting) {
      const lastReason = `${lane.waiting.size} deliveries wait already, at most ${lane.hook.maxWaiting}`;
      this.#giveUp({ ...delivery, state: 'dead', lastReason });
      return;
    }
    lane.waiting.set(delivery.deliveryId, delivery);
  }

  #look(lane: Lane): void {
    this.#deps.metrics.set('deliveriesWaiting', this.#waitingOf(lane.hook.actuator), { actuator: lane.hook.actuator });
    if (this.#end.signal.aborted) return;
    clearTimeout(lane.timer);
    const nowMs = this.#deps.nowMs();
    const { nextAtMs, now } = dueDeliveries(lane.waiting.values(), lane.underWay, lane.hook, nowMs);
    for (const delivery of now) {
      lane.underWay.add(delivery.deliveryId);
      this.#keep(this.#attempt(lane, delivery), 'delivery');
    }
    if (nextAtMs !== undefined) lane.timer = setTimeout(() => this.#look(lane), Math.max(1, nextAtMs - nowMs));
  }

  #waitingOf(actuator: string): number {
    return [...this.#lanes.values()].reduce(
      (sum, { hook, waiting }) => sum + (hook.actuator === actuator ? waiting.size : 0),
      0,
    );
  }

  async #attempt(lane: Lane, delivery: Delivery): Promise<void> {
    const { attempt, chance, metrics, nowMs, store } = this.#deps;
    const { actuator } = lane.hook;
    const result = await attempt(lane.hook, delivery, this.#end.signal);
    lane.underWay.delete(delivery.deliveryId);
    if (this.#end.signal.aborted && result.kind !== 'made') return;
    metrics.count('actuations', { actuator, outcome: result.kind === 'made' ? 'applied' : result.kind });
    const after = afterAttempt(delivery, result, lane.hook, { atMs: nowMs(), chance: chance() });
    if (after.kind === 'again') lane.waiting.set(delivery.deliveryId, after.delivery);
    else lane.waiting.delete(delivery.deliveryId);
    this.#look(lane);
    if (after.kind === 'made') await store.made(delivery.deliveryId);
    else if (after.kind === 'again') await store.note(after.delivery);
    else this.#giveUp(after.delivery);
  }

  #giveUp(delivery: Delivery): void {
    const { actuator, attempts, deliveryId, hook, lane, lastReason = '' } = delivery;
    this.#deps.metrics.count('actuations', { actuator, outcome: 'dead-letter' });
    const sentence = `${actuator} ${hook} was not told of ${lane}: given up after ${attempts} attempts: ${lastReason}`;
    this.#deps.journal.write({ kind: 'delivery-given-up', actor: 'hub', sentence, detail: { deliveryId } });
    this.#keep(this.#deps.store.note(delivery), 'delivery');
  }

  #keep(work: Promise<void>, place: string): void {
    const kept = work
      .catch((cause: unknown) => this.#deps.onFault(place, cause))
      .finally(() => this.#running.delete(kept));
    this.#running.add(kept);
  }
}

function laneKey({ actuator, hook }: Pick<NewDelivery, 'actuator' | 'hook'>): string {
  return `${actuator} ${hook}`;
}
