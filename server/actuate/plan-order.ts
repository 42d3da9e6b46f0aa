import type { HubFrame } from '../../wire/hub-frames.ts';
import type { DriftPolicy } from '../../wire/plan.ts';
import type { PlanResultFrame } from '../../wire/probe-frames.ts';
import { flipEntry, planEntry } from '../hub-entries.ts';
import { planFrame } from '../plan-dispatch.ts';
import type { FlipProposal, PlannedRoute } from '../routing/route-plan.ts';
import type { ActReport, Actuator } from './actuator.ts';

/** Routes of one PBX under one stamp, for AstDB by way of its probe. */
export type PlanOrder = {
  readonly pbx: string;
  readonly routes: readonly PlannedRoute[];
  readonly flips: readonly FlipProposal[];
  readonly fence: number;
  readonly version: number;
  /** Why, where no flip says it. */
  readonly reason: string;
  readonly atMs: number;
};

/** What the way to AstDB needs from the outside. */
export type AstDbWay = {
  readonly planValidMs: number;
  /** What is to be done about drift on a PBX; undefined where its probe does not know that policy. */
  readonly driftPolicyOf: (pbx: string) => DriftPolicy | undefined;
  readonly send: (pbx: string, frame: HubFrame) => boolean;
};

/** Routes into AstDB, through the probe beside it: `apply` sends the plan, the probe puts, reads back and answers. */
export function astDbActuator({ driftPolicyOf, planValidMs, send }: AstDbWay): Actuator<PlanOrder> {
  return {
    name: 'astdb',
    propose: ({ atMs, flips, pbx, reason, version }) =>
      flips.length > 0 ? flips.map(flipEntry) : [planEntry(pbx, version, reason, atMs)],
    apply: ({ atMs, fence, pbx, routes }) => {
      const drift = driftPolicyOf(pbx);
      const stamp = { fence, issuedAtMs: atMs, validForMs: planValidMs, ...(drift && { drift }) };
      return send(pbx, planFrame(routes, stamp));
    },
  };
}

/** A probe's answer to a plan, one report for each class. */
export function planReports(pbx: string, { results }: Pick<PlanResultFrame, 'results'>): readonly ActReport[] {
  return results.map(({ class: name, outcome, reason }) => {
    return { actuator: 'astdb', outcome, about: `${name} on ${pbx}`, ...(reason !== undefined && { reason }) };
  });
}
