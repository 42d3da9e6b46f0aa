import { randomUUID } from 'node:crypto';
import type { CommandFrame } from '../../wire/hub-frames.ts';
import type { HelloFrame } from '../../wire/probe-frames.ts';
import type { Verdict } from '../correlate/verdict.ts';
import type { VerdictEffect } from '../correlate/verdict-effect.ts';
import type { PathCensus } from '../paths/path-census.ts';
import type { PathHealth } from '../paths/path-health.ts';
import { orderDueTraces } from './due-traces.ts';
import { type StoredTrace, type VerdictTrace, verdictTraces } from './trace-evidence.ts';
import { NO_TRACES, orderTraces, type TraceStep, unsent } from './trace-orders.ts';

/** What the runner needs from the outside. None of the callbacks may throw. */
export type TraceOrderDeps = {
  readonly nowMs: () => number;
  readonly fence: () => number;
  /** @returns false when no probe of that PBX is connected or it does not keep up. */
  readonly send: (pbx: string, frame: CommandFrame) => boolean;
  readonly onOrdered: () => void;
};

/** Which verdict each command was given for is remembered for so many; older traces are known by path and time. */
const REMEMBERED_COMMANDS = 2000;

/** Orders traces when verdicts open or become sure and when paths go down, and knows afterwards which verdict a trace belongs to. */
export class TraceOrderRunner {
  readonly #deps: TraceOrderDeps;
  readonly #able = new Set<string>();
  readonly #verdictOf = new Map<string, string>();
  #state = NO_TRACES;

  constructor(deps: TraceOrderDeps) {
    this.#deps = deps;
  }

  /** A probe has said what it can do. */
  hello(pbx: string, { abilities }: HelloFrame): void {
    if (abilities?.canTrace === true) this.#able.add(pbx);
    else this.#able.delete(pbx);
  }

  /** Its connection is gone. */
  gone(pbx: string): void {
    this.#able.delete(pbx);
  }

  /** Takes a change of a verdict with the paths as they are. */
  verdict(effect: VerdictEffect, healths: readonly PathHealth[]): void {
    this.#give(orderTraces(this.#state, effect, { healths, able: this.#able }, this.#deps.nowMs()));
  }

  /** A pass was made: orders what is owed, and the way to paths that have just gone down. `census` counts the paths. */
  passed(healths: readonly PathHealth[], { byState }: Pick<PathCensus, 'byState'>): void {
    if (this.#state.owed.length === 0 && !byState.has('hard-down')) return;
    this.#give(orderDueTraces(this.#state, { healths, able: this.#able }, this.#deps.nowMs()));
  }

  #give({ orders, state }: TraceStep): void {
    const { fence, onOrdered, send } = this.#deps;
    this.#state = state;
    for (const order of orders) {
      const { pbx, target, verdictId } = order;
      const commandId = randomUUID();
      const frame = { v: 1, type: 'command', commandId, fence: fence(), command: { kind: 'trace', target } } as const;
      if (!send(pbx, frame)) {
        this.#state = unsent(this.#state, order);
        continue;
      }
      if (verdictId !== undefined) this.#verdictOf.set(commandId, verdictId);
      onOrdered();
    }
    for (const commandId of this.#verdictOf.keys()) {
      if (this.#verdictOf.size <= REMEMBERED_COMMANDS) break;
      this.#verdictOf.delete(commandId);
    }
  }

  /** The traces that belong to a verdict, out of those received in its time. */
  belonging(verdict: Verdict, stored: readonly StoredTrace[]): readonly VerdictTrace[] {
    return verdictTraces(verdict, stored, this.#verdictOf);
  }
}
