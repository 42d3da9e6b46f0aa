import type { PbxModes } from '../wire/plan.ts';
import type { Verdict } from './correlate/verdict.ts';
import type { Fleet } from './fleet.ts';
import type { PathTable } from './paths/path-table.ts';
import type { CallEnded } from './paths/quality/ended-call.ts';
import type { QualityTable } from './paths/quality/quality-table.ts';
import { routeInput } from './pbx-book.ts';
import type { PbxTable } from './pbx-table.ts';
import { RouteGround, type RouteOrders } from './route-ground.ts';
import { entryOf, notAhead, type PlannerMemory } from './routing/planner-memory.ts';
import { type BookedRoutes, RouteBook, type RouteSources } from './routing/route-book.ts';
import type { RoutePolicy } from './routing/route-policy.ts';
import type { SimulationGround } from './routing/simulation.ts';
import type { Steps } from './steps.ts';

/** What routes are planned from; all of it is the engine's. */
export type RouteParts = {
  readonly fleet: Fleet;
  readonly policy: RoutePolicy;
  readonly pbxes: Pick<PbxTable, 'names' | 'get'>;
  readonly paths: Pick<PathTable, 'known' | 'knownOf'>;
  readonly quality: Pick<QualityTable, 'calls' | 'mosSince'>;
};

/** The routing stage of the engine with its memory: which trunks in which order. Mutable, free of I/O. Times are hub time. */
export class RouteStage {
  readonly #parts: RouteParts;
  readonly #book: RouteBook;
  readonly #ground: RouteGround;

  constructor(parts: RouteParts) {
    this.#parts = parts;
    this.#book = new RouteBook(parts.policy);
    this.#ground = new RouteGround(parts.fleet, parts.quality);
  }

  /** Everything that planning remembers. */
  get memory(): PlannerMemory {
    return this.#book.memory;
  }

  /** Takes over the memory of an earlier life of the hub; once, before the first planning. */
  recall(memory: PlannerMemory, nowMs: number): void {
    this.#book.recall(notAhead(memory, this.#parts.policy, nowMs));
  }

  /** What people ordered of routes, from the next planning on. */
  order(orders: RouteOrders): void {
    this.#ground.order(orders);
  }

  /** A call of a PBX has ended while its probe was sound. */
  callEnded(pbx: string, body: CallEnded, atMs: number): void {
    if (this.#ground.callEnded(pbx, body, atMs)) this.#book.touch(pbx);
  }

  /** Something about a PBX other than its paths, verdicts and modes has changed. */
  touch(pbx: string): void {
    this.#book.touch(pbx);
  }

  /** Paths of the trunks that are held anywhere: their figures of now say when a hold ends. */
  heldPaths(): Iterable<string> {
    return this.#book.heldPaths();
  }

  /** Plans what is due, in steps. */
  *steps(given: Pick<RouteSources, 'modesOf' | 'read' | 'verdicts'>, nowMs: number): Steps<BookedRoutes> {
    const { paths, pbxes } = this.#parts;
    return yield* this.#book.steps(
      {
        ...given,
        pbxes: pbxes.names,
        inputOf: (pbx, modes) => {
          const state = pbxes.get(pbx);
          return state && routeInput(state, modes);
        },
        healths: { get: (key) => paths.knownOf(key) },
        known: () => paths.known(),
        calls: this.#ground.calls(),
        constraints: this.#ground.constraints(nowMs),
      },
      nowMs,
    );
  }

  /** How everything that bears on one PBX's routes stands now, to play them forward from; undefined for a PBX whose probe never said hello. */
  simulationGround(
    pbx: string,
    { modes, verdicts }: { readonly modes: PbxModes; readonly verdicts: readonly Verdict[] },
    nowMs: number,
  ): SimulationGround | undefined {
    const { paths, pbxes } = this.#parts;
    const state = pbxes.get(pbx);
    if (!state) return undefined;
    const input = routeInput(state, modes);
    const keys = input.trunks.flatMap(({ pathKeys }) => pathKeys);
    const healths = new Map(
      keys.flatMap((key) => {
        const known = paths.knownOf(key);
        return known ? [[key, known] as const] : [];
      }),
    );
    const { format, pbxes: planned, recentFlips } = this.#book.memory;
    const own = entryOf(planned, pbx);
    const calls = this.#ground.calls();
    const ground = { verdicts, policy: this.#book.policy, calls, constraints: this.#ground.constraints(nowMs) };
    const memory = { format, recentFlips, pbxes: own ? { [pbx]: own } : {} };
    return { memory, input, ground, healths, fleetSize: pbxes.names.length };
  }
}
