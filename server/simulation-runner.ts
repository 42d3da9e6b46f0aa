import { setImmediate as turn } from 'node:timers/promises';
import type { SimulationQuestion } from './api/simulation-routes.ts';
import type { HubConfig } from './config-schema.ts';
import type { Engine } from './engine.ts';
import { routePolicy } from './engine-policy.ts';
import type { ModesRunner } from './modes-runner.ts';
import type { RouteExplanation } from './routing/route-explanation.ts';
import type { SimulatedChange, Supposition } from './routing/simulation.ts';

/** What would follow; times in seconds from now. */
export type SimulationAnswer = {
  readonly before: readonly RouteExplanation[];
  readonly changes: readonly (Omit<SimulatedChange, 'atMs'> & { readonly afterS: number })[];
  readonly after: readonly RouteExplanation[];
};

/** Seconds that are played before others get a turn. */
const STEP_SECONDS = 20;

/** What a simulation needs from the outside. */
export type SimulationParts = {
  readonly engine: Pick<Engine, 'simulate'>;
  readonly modes: Pick<ModesRunner, 'of'>;
  readonly routing: HubConfig['routing'];
  readonly nowMs: () => number;
};

/** Answers what would become of a PBX's routes. @returns undefined for a PBX whose probe never said hello. */
export async function simulate(
  question: SimulationQuestion,
  actor: string,
  { engine, modes, nowMs, routing }: SimulationParts,
): Promise<SimulationAnswer | undefined> {
  const beganAtMs = nowMs();
  const steps = engine.simulate(
    question.pbx,
    modes.of(question.pbx),
    supposition(question, actor, routing, beganAtMs),
    beganAtMs,
  );
  if (!steps) return undefined;
  for (let count = 1; ; count += 1) {
    const step = steps.next();
    if (step.done === true) {
      const { after, before, changes } = step.value;
      const told = changes.map(({ atMs, ...change }) => ({ ...change, afterS: (atMs - beganAtMs) / 1000 }));
      return { before, changes: told, after };
    }
    if (count % STEP_SECONDS === 0) await turn();
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
