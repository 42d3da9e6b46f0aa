import { randomBytes, randomUUID } from 'node:crypto';
import type { LineMeasurement } from '../../wire/host-measurement.ts';
import type { CommandFrame } from '../../wire/hub-frames.ts';
import type { Measurement } from '../../wire/measurement.ts';
import type { HelloFrame } from '../../wire/probe-frames.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { PathCensus } from '../paths/path-census.ts';
import type { PathHealth } from '../paths/path-health.ts';
import { type LineEnd, type LinePairs, linePairs } from './line-pairs.ts';
import {
  type LineOrder,
  type LinePolicy,
  type LineRun,
  type LineSight,
  type LineState,
  lineEnded,
  noLines,
  orderLines,
} from './line-schedule.ts';
import { lineSuspects } from './line-suspects.ts';

/** How a transfer ended: what its sender told of each direction, or nothing in time. */
export type LineResult = {
  readonly order: LineOrder;
  /** Both probes were sent their orders. */
  readonly isSent: boolean;
  readonly forward: LineMeasurement | undefined;
  readonly reverse: LineMeasurement | undefined;
};

/** What the runner needs from the outside. None of the callbacks may throw. */
export type LineOrderDeps = Pick<LineSight, 'isElected' | 'lotOf'> & {
  readonly policy: LinePolicy;
  readonly siteOf: ReadonlyMap<string, string>;
  /** By line, when it was last measured in an earlier life. */
  readonly measuredAtMs: ReadonlyMap<string, number>;
  readonly nowMs: () => number;
  readonly fence: () => number;
  /** @returns false when no probe of that PBX is connected or it does not keep up. */
  readonly send: (pbx: string, frame: CommandFrame) => boolean;
  readonly onOrdered: (order: LineOrder) => void;
  readonly onEnded: (result: LineResult) => void;
};

type Running = { readonly order: LineOrder; forward?: LineMeasurement; reverse?: LineMeasurement };

/** Suspicion and turns are looked at once in so long. */
const LOOK_EVERY_MS = 5000;

/**
 * Orders transfers between sites, and takes in what their senders tell. The key of a transfer is made here, sent to its two
 * probes and kept nowhere.
 */
export class LineOrderRunner {
  readonly #deps: LineOrderDeps;
  readonly #ends = new Map<string, LineEnd>();
  /** By session. */
  readonly #running = new Map<string, Running>();
  #pairs: LinePairs | undefined;
  #state: LineState;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: LineOrderDeps) {
    this.#deps = deps;
    this.#state = noLines(deps.measuredAtMs, deps.nowMs());
  }

  /** A probe has said what it can do. */
  hello(pbx: string, { abilities }: Pick<HelloFrame, 'abilities'>): void {
    const site = this.#deps.siteOf.get(pbx);
    const peers = abilities?.linePeers ?? [];
    if (site === undefined || peers.length === 0) this.#ends.delete(pbx);
    else this.#ends.set(pbx, { pbx, site, peers });
    this.#pairs = undefined;
  }

  /** Its connection is gone. */
  gone(pbx: string): void {
    if (this.#ends.delete(pbx)) this.#pairs = undefined;
  }

  /** Looks for what the sender of a transfer tells of it. */
  measured(pbx: string, measurements: readonly Measurement[]): void {
    for (const measurement of measurements) {
      if (measurement.kind !== 'line' || measurement.session === undefined) continue;
      const run = this.#running.get(measurement.session);
      if (!run || run.order.from !== pbx) continue;
      run[measurement.direction] = measurement;
      if (run.forward && run.reverse) this.#end(measurement.session, run, true);
    }
  }

  /** Takes a pass; what follows from it is looked at every few seconds. */
  passed(
    healths: readonly PathHealth[],
    openVerdicts: readonly Verdict[],
    { sickPbxes }: Pick<PathCensus, 'sickPbxes'>,
  ): void {
    const { isElected, lotOf, nowMs, policy } = this.#deps;
    const atMs = nowMs();
    if (atMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = atMs;
    this.#pairs ??= linePairs([...this.#ends.values()]);
    if (this.#pairs.size === 0 && this.#running.size === 0) return;
    const sight: LineSight = {
      pairs: this.#pairs,
      unfit: sickPbxes,
      suspects: lineSuspects(healths, openVerdicts),
      isElected,
      lotOf,
    };
    const { orders, overdue, state } = orderLines(this.#state, sight, policy, atMs);
    this.#state = state;
    for (const run of overdue) this.#lose(run);
    for (const order of orders) this.#order(order);
  }

  /** The receiver first: it has to listen when the sender comes. */
  #order(order: LineOrder): void {
    const { fence, onOrdered, policy, send } = this.#deps;
    const { from, to } = order;
    const session = randomUUID();
    const { maxBytes, maxMs } = policy;
    const shared = {
      kind: 'line-test',
      session,
      key: randomBytes(32).toString('base64url'),
      maxBytes,
      maxMs,
    } as const;
    const frame = (command: CommandFrame['command']): CommandFrame => {
      return { v: 1, type: 'command', commandId: randomUUID(), fence: fence(), command };
    };
    const run: Running = { order };
    this.#running.set(session, run);
    onOrdered(order);
    const isSent =
      send(to, frame({ ...shared, peer: from, role: 'receiver' })) &&
      send(from, frame({ ...shared, peer: to, role: 'sender' }));
    if (!isSent) this.#end(session, run, false);
  }

  #lose({ from, line, to }: LineRun): void {
    for (const [session, run] of this.#running) {
      const { order } = run;
      if (order.line !== line || order.from !== from || order.to !== to) continue;
      this.#running.delete(session);
      this.#deps.onEnded({ order, isSent: true, forward: run.forward, reverse: run.reverse });
    }
  }

  #end(session: string, { forward, order, reverse }: Running, isSent: boolean): void {
    this.#running.delete(session);
    const isMeasured = forward?.outcome === 'measured' && reverse?.outcome === 'measured';
    this.#state = lineEnded(this.#state, order, isMeasured, this.#deps.nowMs());
    this.#deps.onEnded({ order, isSent, forward, reverse });
  }
}
