import type { DriftPolicy } from '../../wire/plan.ts';
import type { Secret } from '../../wire/secret.ts';
import type { JournalRunner } from '../journal-runner.ts';
import type { HubMetrics } from '../metrics/registry-server.ts';
import type { PlannedRoute } from '../routing/route-plan.ts';
import type { NewJournalEntry } from '../store/journal-store.ts';
import type { ActOutcome, Actuator } from './actuator.ts';
import type { ActuatorsConfig } from './actuator-schema.ts';
import { readDispatcherList } from './dispatcher-list.ts';
import { planStates, type StateChange, type StatePlan, sayChanges, stateWord } from './dispatcher-states.ts';
import { callRpc } from './json-rpc-client.ts';

/** Configuration of one Kamailio edge. */
export type EdgeConfig = ActuatorsConfig['kamailio'][number];

/** What an edge needs from the outside. */
export type EdgeDeps = {
  readonly edge: EdgeConfig;
  readonly secret: Secret | undefined;
  readonly drift: DriftPolicy;
  readonly journal: Pick<JournalRunner, 'append' | 'writeSparsely'>;
  readonly isJournalWritable: () => boolean;
  /** The stop switch: nothing is set while it is on. */
  readonly isStopped: () => boolean;
  readonly metrics: HubMetrics;
  readonly nowMs: () => number;
  readonly onFault: (place: string, cause: unknown) => void;
};

/** What is to be set so that an edge follows a route. */
export type EdgeOrder = { readonly route: PlannedRoute; readonly changes: readonly StateChange[] };

/** Wait after the first look that failed; it doubles up to the edge's own interval. */
const FIRST_RETRY_MS = 1000;

/**
 * Keeps the dispatcher of one Kamailio edge to the routes of the PBX that it follows: read, journaled, set, read back. One
 * look at a time; nobody waits for it. A set changed by another hand is told, and set again or left, as the policy says.
 */
export class EdgeRunner implements Actuator<EdgeOrder> {
  readonly name = 'kamailio';
  readonly #deps: EdgeDeps;
  readonly #end = new AbortController();
  /** By class: the routes that it is to follow. */
  #routes: ReadonlyMap<string, PlannedRoute> = new Map();
  /** By set: the first trunk and shares that were last read back as set. */
  readonly #held = new Map<number, string>();
  /** By set: what was last found instead, and told. */
  readonly #driftTold = new Map<number, string>();
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #looking: Promise<void> | undefined;
  #isDue = false;

  constructor(deps: EdgeDeps) {
    this.#deps = deps;
  }

  /** Routes of a pass; a look follows where the edge is not known to follow them. */
  passed(routes: readonly PlannedRoute[]): void {
    const own = routes.filter(({ mode, pbx }) => pbx === this.#deps.edge.follows && mode === 'enforce');
    this.#routes = new Map(own.map((route) => [route.class, route]));
    const isNews = this.#deps.edge.sets.some(({ class: name, set }) => {
      const route = this.#routes.get(name);
      return route !== undefined && this.#held.get(set) !== routeText(route);
    });
    if (isNews && this.#retryMs === FIRST_RETRY_MS) this.apply();
  }

  propose({ changes, route }: EdgeOrder): readonly NewJournalEntry[] {
    return [this.#entry('edge-order', route, `${sayChanges(changes)}: ${route.reason}`)];
  }

  /** Has the edge looked at soon; what it lacks of the routes that it follows is then set. */
  apply(): boolean {
    if (this.#end.signal.aborted) return false;
    this.#isDue = true;
    this.#looking ??= this.#lookAll();
    return true;
  }

  /** Ends; what is set stays set. */
  async close(): Promise<void> {
    this.#end.abort();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #lookAll(): Promise<void> {
    clearTimeout(this.#timer);
    const { edge, onFault } = this.#deps;
    while (this.#isDue && !this.#end.signal.aborted) {
      this.#isDue = false;
      const isGood = await this.#look().catch((cause: unknown) => {
        onFault('kamailio', cause);
        return false;
      });
      this.#retryMs = isGood ? FIRST_RETRY_MS : Math.min(this.#retryMs * 2, edge.checkEveryMs);
      if (!isGood) break;
    }
    this.#looking = undefined;
    if (this.#end.signal.aborted) return;
    const waitMs = this.#retryMs === FIRST_RETRY_MS ? edge.checkEveryMs : this.#retryMs;
    this.#timer = setTimeout(() => this.apply(), waitMs);
  }

  /** One look at all sets. @returns false where the edge gave no answer that could be read. */
  async #look(): Promise<boolean> {
    if (this.#deps.isStopped() || this.#routes.size === 0) return true;
    const listed = await this.#list();
    if (!listed) return false;
    for (const { class: name, destinations, set } of this.#deps.edge.sets) {
      const route = this.#routes.get(name);
      if (!route) continue;
      const plan = planStates(set, destinations, route.trunks, listed.get(set));
      if (!(await this.#settle(set, route, plan))) return false;
    }
    return true;
  }

  async #settle(set: number, route: PlannedRoute, plan: StatePlan): Promise<boolean> {
    if (!plan.ok) {
      this.#held.delete(set);
      this.#tell('refused', this.#entry('edge-refused', route, `${plan.reason}; nothing was changed there`));
      return true;
    }
    const isHeld = this.#held.get(set) === routeText(route);
    if (plan.changes.length === 0) {
      this.#driftTold.delete(set);
      if (!isHeld) this.#count('unchanged');
      this.#held.set(set, routeText(route));
      return true;
    }
    if (isHeld) return await this.#drifted(set, route, plan.changes);
    if (!this.#mayAct(route, plan.changes)) return true;
    for (const entry of this.propose({ route, changes: plan.changes })) await this.#deps.journal.append(entry);
    return await this.#carryOut(set, route, plan.changes);
  }

  async #drifted(set: number, route: PlannedRoute, changes: readonly StateChange[]): Promise<boolean> {
    const found = changes
      .map(({ isOpen, uri }) => `${uri} ${isOpen ? 'closed, not open' : 'open, not closed'}`)
      .join(', ');
    const isRepaired = this.#deps.drift === 'repair';
    if (this.#driftTold.get(set) !== found) {
      this.#count('drifted');
      const done = isRepaired ? 'it is being set again' : 'it is left as it is';
      await this.#deps.journal.append(this.#entry('edge-drift', route, `set ${set} was found with ${found}; ${done}`));
      this.#driftTold.set(set, found);
    }
    return isRepaired ? await this.#carryOut(set, route, changes) : true;
  }

  /** Sets what is to be set, one after another, and reads the set back. */
  async #carryOut(set: number, route: PlannedRoute, changes: readonly StateChange[]): Promise<boolean> {
    const { edge } = this.#deps;
    let fault: string | undefined;
    for (const change of changes) {
      const answer = await this.#ask('dispatcher.set_state', [stateWord(change), set, change.uri]);
      if (answer.kind === 'result') continue;
      fault = `${change.uri}: ${answer.reason}`;
      break;
    }
    const listed = await this.#list();
    const wanted = edge.sets.find((each) => each.set === set)?.destinations ?? [];
    const after = listed && planStates(set, wanted, route.trunks, listed.get(set));
    if (after?.ok && after.changes.length === 0) {
      this.#held.set(set, routeText(route));
      this.#driftTold.delete(set);
      this.#count('applied');
      const closed = after.closed.length === 0 ? 'nothing is closed' : `${after.closed.join(', ')} closed`;
      await this.#deps.journal.append(this.#entry('edge-applied', route, `set ${set} was read back with ${closed}`));
      return true;
    }
    const left = after?.ok
      ? `read back without ${sayChanges(after.changes)}`
      : (after?.reason ?? 'it could not be read back');
    this.#tell('failed', this.#entry('edge-not-applied', route, fault ?? left));
    return false;
  }

  async #list() {
    const answer = await this.#ask('dispatcher.list', []);
    const listed = answer.kind === 'result' ? readDispatcherList(answer.result) : undefined;
    if (listed) return listed;
    const reason = answer.kind === 'result' ? 'its list of destinations could not be read' : answer.reason;
    const { edge } = this.#deps;
    const sentence = `Kamailio edge ${edge.name} was not read: ${reason}; what it holds is unknown, and it is asked again`;
    this.#tell('failed', { kind: 'edge-unread', actor: 'hub', scope: { pbx: edge.follows }, sentence });
    return undefined;
  }

  #ask(method: string, params: readonly (string | number)[]) {
    const { edge, secret } = this.#deps;
    return callRpc({ url: edge.url, timeoutMs: edge.timeoutMs, secret }, method, params, this.#end.signal);
  }

  /** With the journal unwritable only moves off hard-down trunks go on (safety rule 8). */
  #mayAct({ perTrunk }: PlannedRoute, changes: readonly StateChange[]): boolean {
    const tierOf = (trunk: string) => perTrunk.find((each) => each.trunk === trunk)?.tier;
    const isRescue = changes.some(({ isOpen, trunk }) => !isOpen && tierOf(trunk) === 'hard-down');
    return this.#deps.isJournalWritable() || isRescue;
  }

  #entry(kind: string, { class: name, pbx }: PlannedRoute, what: string): NewJournalEntry {
    const sentence = `${name} at Kamailio edge ${this.#deps.edge.name}: ${what}`.slice(0, 2000);
    return { kind, actor: 'hub', scope: { pbx, class: name }, sentence };
  }

  /** What did not go well; nothing once the edge was ended, for that is then why. */
  #tell(outcome: ActOutcome, entry: NewJournalEntry): void {
    if (this.#end.signal.aborted) return;
    this.#count(outcome);
    this.#deps.journal.writeSparsely(entry, entry.sentence, this.#deps.nowMs());
  }

  #count(outcome: ActOutcome): void {
    this.#deps.metrics.count('actuations', { actuator: this.name, outcome });
  }
}

function routeText({ trunks }: PlannedRoute): string {
  return trunks.map(({ trunk, weight }) => `${trunk}/${weight}`).join();
}
