import { setImmediate as turn } from 'node:timers/promises';
import type { SimulationQuestion } from './api/simulation-routes.ts';
import type { HubConfig } from './config-schema.ts';
import type { Engine } from './engine.ts';
import { routePolicy } from './engine-policy.ts';
import type { ModesRunner } from './modes-runner.ts';
import type { RouteExplanation } from './routing/route-explanation.ts';
import { type SimulatedChange, type Supposition, simulateSteps } from './routing/simulation.ts';
import { type KnownNames, unknownNames } from './routing/supposed-names.ts';
import { WorkQueue } from './work-queue.ts';

/** What would follow; times in seconds from now. */
export type SimulationAnswer = {
  readonly before: readonly RouteExplanation[];
  readonly changes: readonly (Omit<SimulatedChange, 'atMs'> & { readonly afterS: number })[];
  readonly after: readonly RouteExplanation[];
};

/** An answer, or why there is none. */
export type SimulationResult =
  | { readonly answer: SimulationAnswer }
  | { readonly faults: readonly string[] }
  | 'unknown-pbx'
  | 'busy';

/** It is played so long before frames and everything else get a turn. */
const SLICE_MS = 5;

/** Questions that may wait behind the one that is played. */
const MAX_WAITING = 3;

/** What simulations need from the outside. */
export type SimulationParts = {
  readonly engine: Pick<Engine, 'simulationGround'>;
  readonly modes: Pick<ModesRunner, 'of'>;
  readonly routing: HubConfig['routing'];
  readonly fleet: KnownNames;
  readonly nowMs: () => number;
};

/** Plays what-ifs, one after another and in slices: a hub that is asked much still takes its frames in. */
export class SimulationRunner {
  readonly #parts: SimulationParts;
  readonly #queue = new WorkQueue(MAX_WAITING);

  constructor(parts: SimulationParts) {
    this.#parts = parts;
  }

  /**
   * Answers what would become of a PBX's routes, from how things stand when its turn comes.
   *
   * @returns `unknown-pbx` for a PBX whose probe never said hello; the faults of a question that names what is not there; `busy` where
   *   as many wait as may.
   */
  async ask(question: SimulationQuestion, actor: string): Promise<SimulationResult> {
    return (await this.#queue.run(() => this.#play(question, actor))) ?? 'busy';
  }

  async #play(question: SimulationQuestion, actor: string): Promise<SimulationResult> {
    const { engine, fleet, modes, nowMs, routing } = this.#parts;
    const beganAtMs = nowMs();
    const ground = engine.simulationGround(question.pbx, modes.of(question.pbx), beganAtMs);
    if (!ground) return 'unknown-pbx';
    const faults = unknownNames(question, ground, fleet);
    if (faults.length > 0) return { faults };
    const steps = simulateSteps(ground, supposition(question, actor, routing, beganAtMs), beganAtMs);
    let turnAtMs = performance.now();
    for (;;) {
      const step = steps.next();
      if (step.done === true) {
        const { after, before, changes } = step.value;
        const told = changes.map(({ atMs, ...change }) => ({ ...change, afterS: (atMs - beganAtMs) / 1000 }));
        return { answer: { before, changes: told, after } };
      }
      if (performance.now() - turnAtMs < SLICE_MS) continue;
      await turn();
      turnAtMs = performance.now();
    }
  }
}

function supposition(
  { forS, maintenance, mode, pin, policy, trunks = [], verdict }: SimulationQuestion,
  actor: string,
  routing: HubConfig['routing'],
  nowMs: number,
): Supposition {
  return {
    trunks: trunks.map(({ lossRatio, state, trunk }) => ({
      trunk,
      state,
      ...(lossRatio !== undefined && { lossRatio }),
    })),
    forMs: forS * 1000,
    ...(verdict && { verdict }),
    ...(mode && { mode }),
    ...(policy && { policy: routePolicy({ ...routing, ...policy }) }),
    ...(pin && {
      pins: [
        {
          scope: pin.class === undefined ? {} : { class: pin.class },
          trunk: pin.trunk,
          actor,
          reason: pin.reason ?? 'supposed',
        },
      ],
    }),
    ...(maintenance && {
      maintenance: [
        {
          of: maintenance.of,
          fromMs: nowMs,
          untilMs: nowMs + maintenance.forS * 1000,
          actor,
          reason: maintenance.reason ?? 'supposed',
        },
      ],
    }),
  };
}
